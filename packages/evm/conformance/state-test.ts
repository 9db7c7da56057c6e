/**
 * State tests: of ethereum/tests (GeneralStateTests) and of execution-spec-tests alike.
 *
 * A world, a transaction, and for each fork the root of the state and the hash of the logs that it must lead to.
 */
import { bytesToHex, type Hex, hexToBytes } from '@enigma/protocol'
import { RLP } from '@ethereumjs/rlp'
import { keccak256 } from '../src/keccak.ts'
import type { Engine, World } from '../src/testing/engine.ts'
import type { Log } from '../src/types.ts'
import { type Applied, applyTransaction } from './apply.ts'
import { blockOf, type RawAccounts, type RawEnvironment, worldOf } from './environment.ts'
import { type BlobSchedule, rulesOf } from './rules.ts'
import { stateRoot } from './state-root.ts'
import { type Indexes, type RawTransaction, type Transaction, transactionOf } from './transaction.ts'
import { FixtureError, quantity } from './values.ts'
import { type Case, failed, PASSED, skipped, type Verdict } from './verdict.ts'

export type StateFixture = {
  env: RawEnvironment
  pre: RawAccounts
  transaction: RawTransaction
  post: Record<string, Post[]>
  config?: { chainid?: string; blobSchedule?: Record<string, RawBlobSchedule> }
}

type Post = { hash: string; logs: string; indexes: Indexes; expectException?: string; state?: RawAccounts }
type RawBlobSchedule = { max: string; baseFeeUpdateFraction: string }

const MAINNET = '0x01'

export function isStateFixture(value: object): value is StateFixture {
  return 'env' in value && 'pre' in value && 'transaction' in value && 'post' in value
}

/** One case for each post state of a fork that we know. */
export function stateCases(name: string, fixture: StateFixture, engine: Engine): Case[] {
  const known = Object.entries(fixture.post).filter(([fork]) => rulesOf(fork) !== undefined)
  if (known.length === 0) {
    const forks = Object.keys(fixture.post).join(', ')
    return [{ name, run: () => skipped(`no post state of Cancun, Prague or Osaka (${forks})`) }]
  }
  return known.flatMap(([fork, posts]) =>
    posts.map((post) => {
      const { data, gas, value } = post.indexes
      return {
        name: `${name} ${fork} data ${data} gas ${gas} value ${value}`,
        run: () => runCase(fixture, fork, post, engine),
      }
    }),
  )
}

async function runCase(fixture: StateFixture, fork: string, post: Post, engine: Engine): Promise<Verdict> {
  const rules = rulesOf(fork, scheduleOf(fixture.config?.blobSchedule?.[fork]))
  if (!rules) throw new Error(`A case of ${fork}, whose rules are unknown.`)
  const block = blockOf(fixture.env, rules.blobUpdateFraction)
  const chainId = quantity(fixture.config?.chainid ?? MAINNET)
  const world = worldOf(fixture.pre)
  const transaction = readTransaction(fixture.transaction, post)
  const applied: Applied =
    transaction === undefined
      ? { kind: 'refused', reason: 'it cannot be written', world }
      : await applyTransaction(engine, transaction, { block, rules, chainId }, world)

  if (applied.kind === 'refused' && post.expectException === undefined) return failed(`refused: ${applied.reason}`)
  if (applied.kind === 'done' && post.expectException !== undefined)
    return failed(`accepted, though ${post.expectException} was expected`)
  const logs = logsHash(applied.kind === 'done' ? applied.logs : [])
  if (logs !== post.logs.toLowerCase()) return failed(`logs hash ${logs}, expected ${post.logs}`)
  const root = stateRoot(applied.world)
  return root === post.hash.toLowerCase()
    ? PASSED
    : failed(`state root ${root}, expected ${post.hash}${detail(applied, post)}`)
}

/** Nothing where a field is out of all bounds and the fixture wants to see that refused. */
function readTransaction(raw: RawTransaction, { indexes, expectException }: Post): Transaction | undefined {
  try {
    return transactionOf(raw, indexes)
  } catch (error) {
    if (expectException !== undefined && error instanceof FixtureError) return undefined
    throw error
  }
}

export function logsHash(logs: readonly Log[]): Hex {
  const items = logs.map(({ address, topics, data }) => [hexToBytes(address), topics.map(hexToBytes), data])
  return bytesToHex(keccak256(RLP.encode(items)))
}

function scheduleOf(raw: RawBlobSchedule | undefined): BlobSchedule | undefined {
  if (!raw) return undefined
  return { maxBlobs: Number(quantity(raw.max)), updateFraction: quantity(raw.baseFeeUpdateFraction) }
}

/** What a root alone cannot say: how the frame ended, and which account differs where the fixture tells them all. */
function detail(applied: Applied, { state }: Post): string {
  const frame =
    applied.kind === 'done'
      ? `; frame ${applied.run.status} ${applied.run.reason ?? ''}, gas used ${applied.gasUsed}`
      : ''
  return frame + (state ? `; ${firstDifference(applied.world, worldOf(state))}` : '')
}

function firstDifference(found: World, expected: World): string {
  for (const address of new Set([...expected.keys(), ...found.keys()])) {
    const [is, should] = [text(found, address), text(expected, address)]
    if (is !== should) return `${address} is ${is}, expected ${should}`
  }
  return 'every account as expected'
}

function text(world: World, address: Hex): string {
  const account = world.get(address)
  if (!account) return 'absent'
  const { nonce, balanceWei, code, storage } = account
  const slots = [...storage].sort().map(([slot, value]) => `${BigInt(slot)}=${BigInt(value)}`)
  return `nonce ${nonce} balance ${balanceWei} code ${code.length} bytes storage {${slots.join(' ')}}`
}
