/** Whom a request counts for: one machine with IPv4, and with IPv6 the /64 that one customer is given. */
import { isIPv6 } from 'node:net'

/** `forwarded` is X-Forwarded-For where a proxy of our own writes its last entry; else false. */
export function clientOf(remote: string | undefined, forwarded: string | string[] | undefined | false): string {
  const last = forwarded ? forwarded.toString().split(',').at(-1)?.trim() : undefined
  const address = last || remote || 'unknown'
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address.slice(0, 45)
  return networkOf(address)
}

/** The first four groups. */
function networkOf(address: string): string {
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? []
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0')
  return [...before, ...zeros, ...after]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
