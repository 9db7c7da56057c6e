import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FaultProxy, openFaultProxy } from './fault-proxy.ts'

let server: Server
let proxy: FaultProxy
let served: number
beforeEach(async () => {
  served = 0
  server = createServer((_request, response) => {
    served++
    response.end('here')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  proxy = await openFaultProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
afterEach(async () => {
  await proxy.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const ask = (init?: RequestInit) => fetch(proxy.url, init).then((response) => response.text())

describe('a fault proxy', () => {
  test('passes everything on until told otherwise', async () => {
    expect(await Promise.all([ask(), ask()])).toEqual(['here', 'here'])
  })

  test('cut, it lets nothing through; healed, everything again', async () => {
    await ask()
    proxy.cut()
    await expect(ask()).rejects.toThrow()
    expect(served).toBe(1)
    proxy.heal()
    expect(await ask()).toBe('here')
  })

  test('hanging, it takes requests and never answers them, not even once it is healed', async () => {
    await ask()
    proxy.hang()
    const hung = ask()
    const ending = expect(hung).rejects.toThrow()
    await expect(ask({ signal: AbortSignal.timeout(50) })).rejects.toThrow()
    proxy.heal()
    await ending
    expect(await ask()).toBe('here')
    expect(served).toBe(2)
  })
})
