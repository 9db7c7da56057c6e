import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { networkFileOf } from '../network-file.ts'
import { type Claim, claimHome, dataOf, isUp, stopNetwork } from './home.ts'

let home: string
let claims: Claim[]
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'enigma-home-'))
  claims = []
})
afterEach(async () => {
  for (const claim of claims) await claim.release()
  rmSync(home, { recursive: true, force: true })
})

async function claim(onStop = () => {}): Promise<Claim> {
  const made = await claimHome(home, onStop)
  claims.push(made)
  return made
}

/** What a network that was killed outright leaves behind: its files, and a socket that nobody listens on. */
async function leaveTraces(): Promise<void> {
  mkdirSync(dataOf(home), { recursive: true })
  writeFileSync(networkFileOf(home), '{}')
  writeFileSync(path.join(home, 'control.sock'), '')
}

describe('the folder of a network', () => {
  test('belongs to one supervisor at a time', async () => {
    expect(await isUp(home)).toBe(false)
    const first = await claim()
    expect(await isUp(home)).toBe(true)
    await expect(claim()).rejects.toMatchObject({ code: 'ALREADY_UP' })
    await first.release()
    expect(await isUp(home)).toBe(false)
    await claim()
  })

  test('is taken over from a network that is dead, and its traces are cleared away', async () => {
    await leaveTraces()
    expect(await isUp(home)).toBe(false)
    await claim()
    expect(existsSync(networkFileOf(home))).toBe(false)
    expect(existsSync(dataOf(home))).toBe(false)
  })

  test('passes on that somebody wants the network to stop, and lets him wait for it', async () => {
    let asked = 0
    const made = await claim(() => {
      asked++
      void made.release()
    })
    expect(await stopNetwork(home)).toBe(true)
    expect(asked).toBe(1)
    expect(await stopNetwork(home)).toBe(false)
  })

  test('is cleared of a dead network’s traces by a stop, too', async () => {
    await leaveTraces()
    expect(await stopNetwork(home)).toBe(false)
    expect(existsSync(networkFileOf(home))).toBe(false)
  })

  test('survives a visitor that only looks', async () => {
    await claim(() => {
      throw new Error('nobody asked for a stop')
    })
    const socket = net.connect(path.join(home, 'control.sock'))
    await new Promise((resolve) => socket.once('connect', resolve))
    socket.destroy()
    expect(await isUp(home)).toBe(true)
  })
})
