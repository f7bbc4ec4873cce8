package xslog
