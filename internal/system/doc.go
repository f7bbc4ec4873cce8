// Package system has no code: its tests hold the whole house to its promises,
// from outside and with the real parts. Processes are killed, directories vanish,
// adapters break, tenants have hostile names.
package system
