import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Hex } from '@enigma/protocol'
import { startNetwork, type TestNetwork } from '@enigma/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loanAbi } from '../examples/loan/abi.ts'
import { compare, MILLIONAIRES, openClub, storeFortunes } from './support/club.ts'
import { secretsOf } from './support/secrets.ts'
import { ADDITION, addition, LENDING } from './support/story.ts'

let network: TestNetwork
beforeAll(async () => {
  network = await startNetwork({ workers: 2, dApps: { ...LENDING, millionaires: MILLIONAIRES } })
})
afterAll(() => network?.stop())

/** A number that occurs nowhere by chance, and every way in which somebody might have written it down. */
function canary() {
  const bytes = randomBytes(15)
  return { value: BigInt(`0x${bytes.toString('hex')}`), spellings: spellingsOf(bytes) }
}

function spellingsOf(bytes: Buffer): string[] {
  const hex = bytes.toString('hex')
  const number = BigInt(`0x${hex}`).toString()
  const base64 = [bytes.toString('base64url'), bytes.toString('base64')]
  return [hex, hex.toUpperCase(), number, ...base64, bytes.toString('latin1')]
}

test('S21: nothing of a private input, a stored value, a failure, a key or the network secret is in any log, database or file', async () => {
  const canaries = [canary(), canary(), canary(), canary(), canary(), canary(), canary()]
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
  await expect(failed).rejects.toMatchObject({ code: 'STATE_CONFLICT', where: 'function' })

  // Values at rest: stored sealed, opened by one task.
  const club = await openClub(network, network.network.dApps.millionaires ?? '0x')
  const stored = canaries.slice(4).map(({ value }) => value)
  await storeFortunes(network, club, stored)
  expect(await compare(network, club)).toMatchObject({ counted: 3n })

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
  // Simulated machines seal with keys that anyone derives: so the test can look for what they hold.
  const secrets = await secretsOf(network, 'worker-1', club.address)
  expect(secrets.length).toBeGreaterThan(4)
  const forbidden = [
    ...canaries.flatMap(({ spellings }) => spellings),
    ...keys,
    ...secrets.flatMap((secret) => spellingsOf(Buffer.from(secret))),
  ]
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
