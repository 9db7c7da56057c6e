/**
 * What can this process reach besides its pipe?
 *
 * Core looks for itself instead of believing how it was started. Outside a TEE none of this binds a hostile host, who
 * can start Core as he likes; it shows an honest operator what his system gave him.
 */
import { networkInterfaces } from 'node:os'

/** `full` if no file can be written, no process or worker started, and there is no network interface at all. */
export function isolation(): 'full' | 'partial' {
  const isConfined = ['fs.write', 'child', 'worker', 'addon', 'wasi'].every((scope) => !process.permission?.has(scope))
  return process.permission !== undefined && isConfined && isOffline() ? 'full' : 'partial'
}

function isOffline(): boolean {
  try {
    // An empty network namespace has its loopback down, and interfaces that are down are not listed.
    return Object.keys(networkInterfaces()).length === 0
  } catch {
    // Gramine knows no netlink: whoever cannot look does not know.
    return false
  }
}
