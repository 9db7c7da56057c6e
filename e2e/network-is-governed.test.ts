import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { writeNetworkFile } from '@enigma/cli/localnet'
import { startNetwork, type TestNetwork } from '@enigma/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { enigma } from './support/command-line.ts'

let network: TestNetwork
let cwd: string
beforeAll(async () => {
  network = await startNetwork({ workers: 2 })
  cwd = await mkdtemp(path.join(tmpdir(), 'enigma-govern-'))
  await writeNetworkFile(path.join(cwd, '.enigma'), network.network)
})
afterAll(async () => {
  await network?.stop()
  if (cwd) await rm(cwd, { recursive: true })
})

async function run(...args: string[]) {
  const { code, answer } = await enigma(cwd, ...args).finished
  return { code, ...answer }
}

describe('enigma network', () => {
  test('shows who holds the secret, opens the next generation, and ends the old one', async () => {
    expect(await run('network', 'status')).toMatchObject({ code: 0, generation: 1, minGeneration: 1, isFrozen: false })
    expect(await run('network', 'rotate', '--no-wait')).toMatchObject({ code: 0, generation: 2, isFinal: false })
    await network.untilGeneration(2)
    const { holders, measurements } = await run('network', 'status')
    expect(holders).toHaveLength(2)
    expect(measurements).toMatchObject([{ id: 0, isRevoked: false }])
    expect(await run('network', 'retire', '2')).toMatchObject({ code: 0, minGeneration: 2 })
    expect(await run('network', 'retire', '1')).toMatchObject({ code: 1 })
  })

  test('freezes joins and ends that', async () => {
    expect(await run('network', 'freeze')).toMatchObject({ code: 0, isFrozen: true })
    expect(await run('network', 'status')).toMatchObject({ isFrozen: true })
    expect(await run('network', 'freeze', '--end')).toMatchObject({ code: 0, isFrozen: false })
  })

  test('S24: says plainly that a stranger may do none of it', async () => {
    expect(await run('network', 'rotate', '--account', 'alice')).toMatchObject({ code: 1 })
    expect(await run('network', 'freeze', '--account', 'alice')).toMatchObject({ code: 1 })
    expect(await run('network', 'revoke', '0', '--account', 'alice')).toMatchObject({ code: 1 })
    expect(await run('network', 'revoke', '7')).toMatchObject({ code: 1 })
    expect(await run('network', 'revoke', 'x')).toMatchObject({ code: 2 })
  })

  test('revokes a measurement, and names the seats that are out', async () => {
    expect(await run('network', 'revoke', '0')).toMatchObject({ code: 0, id: 0, seats: [0, 1] })
    expect((await run('network', 'status')).measurements).toMatchObject([{ id: 0, isRevoked: true }])
  })
})
