import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { PrivateFunctionFailedError } from '@enigma/client'
import type { Hex } from '@enigma/protocol'
import { startNetwork, type TestNetwork } from '@enigma/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loanAbi } from '../examples/loan/abi.ts'
import { ADDITION, addition, LENDING } from './support/story.ts'

let network: TestNetwork
beforeAll(async () => {
  network = await startNetwork({ workers: 1, dApps: LENDING })
})
afterAll(() => network?.stop())

/** A number that occurs nowhere by chance, and every way in which somebody might have written it down. */
function canary() {
  const bytes = randomBytes(15)
  const hex = bytes.toString('hex')
  const value = BigInt(`0x${hex}`)
  const base64 = bytes.toString('base64url')
  return {
    value,
    spellings: [hex, hex.toUpperCase(), value.toString(), base64, bytes.toString('base64'), bytes.toString('latin1')],
  }
}

test('S21: nothing of a private input, its failure or a private key is in any log, database or file of any process', async () => {
  const canaries = [canary(), canary(), canary(), canary()]
  const [a, b, income, debts] = canaries.map(({ value }) => value) as [bigint, bigint, bigint, bigint]
  const alice = network.enigma('alice')
  const [worker] = network.workers

  // A result: the sum is public, the summands are not.
  const dApp = await network.deploy(ADDITION)
  expect(await alice.call(addition(dApp, a, b))).toBe(a + b)

  // A failure, whose reason is sealed to the applicant.
  const { loan = '0x' } = network.network.dApps
  const wrongTerms: Hex = `0x${'42'.repeat(32)}`
  const failed = alice.call({
    address: loan,
    abi: loanAbi,
    functionName: 'score',
    args: [income, debts, [{ amount: 1n, daysLate: 0 }], wrongTerms],
  })
  await expect(failed).rejects.toBeInstanceOf(PrivateFunctionFailedError)

  // A crash of either half, with a task in hand.
  const crashed = alice.call({
    ...addition(dApp, a, b),
    onProgress: ({ type }) => {
      if (type === 'sent') void worker?.killCore()
    },
  })
  expect(await crashed).toBe(a + b)
  await worker?.killSurface()
  await worker?.restart()

  const keys = network.network.accounts.map(({ privateKey }) => privateKey.slice(2))
  const forbidden = [...canaries.flatMap(({ spellings }) => spellings), ...keys]
  const written = [
    ...network.logs.map(({ process, line }) => ({ where: `${process} said: ${line}`, text: line })),
    ...filesUnder(network.data).map((file) => ({ where: file, text: readFileSync(file, 'latin1') })),
  ]
  expect(written.length).toBeGreaterThan(20)
  const leaks = written.filter(({ text }) => forbidden.some((word) => text.includes(word))).map(({ where }) => where)
  expect(leaks).toEqual([])
  // The search itself: the public sum is in the worker's journal, in the form in which it went to the chain.
  const sum = (a + b).toString(16)
  expect(written.some(({ text }) => text.includes(sum))).toBe(true)
})

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
}
