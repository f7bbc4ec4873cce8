package okr
