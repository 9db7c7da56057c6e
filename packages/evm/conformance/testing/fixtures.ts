/** Fixtures as the official suites write them, made by hand: what they expect is told, never run. */
import type { RawAccounts } from '../environment.ts'
import { worldOf } from '../environment.ts'
import { stateRoot } from '../state-root.ts'
import type { StateFixture } from '../state-test.ts'
import type { RawTransaction } from '../transaction.ts'
import type { VmFixture } from '../vm-test.ts'

export const SENDER = '0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b'
export const CONTRACT = '0x0000000000000000000000000000000000001000'
export const COINBASE = '0x2adc25665018aa1fe0e6bc666dac8fc2697ff9ba'
export const NO_LOGS = '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347'

export const env = {
  currentCoinbase: COINBASE,
  currentGasLimit: '0x01c9c380',
  currentNumber: '0x01',
  currentTimestamp: '0x03e8',
  currentRandom: '0x00',
  currentBaseFee: '0x07',
  currentExcessBlobGas: '0x00',
}

type RawAccount = RawAccounts[string]

export function account(fields: Partial<RawAccount>): RawAccount {
  return { balance: '0x00', nonce: '0x00', code: '0x', storage: {}, ...fields }
}

type Told = {
  pre: RawAccounts
  transaction: Partial<RawTransaction>
  /** The whole world after it. */
  after: RawAccounts
  fork?: string
  logs?: string
  expectException?: string
}

/** A state test of one case. */
export function stateFixture({ pre, transaction, after, fork = 'Osaka', logs, expectException }: Told): StateFixture {
  const indexes = { data: 0, gas: 0, value: 0 }
  const post = { hash: stateRoot(worldOf(after)), logs: logs ?? NO_LOGS, indexes, state: after }
  return {
    env,
    pre,
    transaction: {
      data: ['0x'],
      gasLimit: ['0x0186a0'],
      value: ['0x00'],
      nonce: '0x00',
      gasPrice: '0x0a',
      to: CONTRACT,
      sender: SENDER,
      ...transaction,
    },
    post: { [fork]: [expectException === undefined ? post : { ...post, expectException }] },
  }
}

/** A legacy VM test of `code`, with 100,000 gas and nothing stored before. */
export function vmFixture(
  code: string,
  expected: Pick<VmFixture, 'gas' | 'out' | 'logs'> & { storage?: Record<string, string> },
): VmFixture {
  const { storage = {}, ...rest } = expected
  return {
    env: { currentCoinbase: COINBASE, currentGasLimit: '0x0f4240', currentNumber: '0x01', currentTimestamp: '0x03e8' },
    exec: {
      address: CONTRACT,
      caller: SENDER,
      origin: SENDER,
      code,
      data: '0x',
      gas: '0x0186a0',
      gasPrice: '0x01',
      value: '0x00',
    },
    pre: { [CONTRACT]: account({ code }) },
    ...(rest.gas === undefined
      ? {}
      : { out: '0x', logs: NO_LOGS, ...rest, post: { [CONTRACT]: account({ code, storage }) } }),
  }
}
