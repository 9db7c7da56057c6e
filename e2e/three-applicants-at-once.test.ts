import { startNetwork, type TestNetwork } from '@enigma/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loanAbi } from '../examples/loan/abi.ts'
import { LENDING, taskLogs } from './support/story.ts'

const APPLICANTS = [
  { name: 'alice', income: 4_200n, debts: 3_000n, history: [{ amount: 350n, daysLate: 0 }] },
  {
    name: 'bob',
    income: 2_750n,
    debts: 9_800n,
    history: [
      { amount: 410n, daysLate: 12 },
      { amount: 410n, daysLate: 0 },
    ],
  },
  { name: 'carol', income: 11_300n, debts: 0n, history: [{ amount: 900n, daysLate: 6 }] },
] as const

let network: TestNetwork
beforeAll(async () => {
  network = await startNetwork({ workers: 3, mining: 'every-second', dApps: LENDING })
})
afterAll(() => network?.stop())

test('three applicants at once: each is offered what the lender’s own rule says, and the chain never sees a figure', async () => {
  const { loan = '0x' } = network.network.dApps
  const reader = network.client('deployer')
  const version = await reader.readContract({ address: loan, abi: loanAbi, functionName: 'termsVersion' })

  const offers = await Promise.all(
    APPLICANTS.map(({ name, income, debts, history }) =>
      network.enigma(name).call({
        address: loan,
        abi: loanAbi,
        functionName: 'score',
        args: [income, debts, history, version],
      }),
    ),
  )

  for (const [i, { name, income, debts, history }] of APPLICANTS.entries()) {
    const account = network.account(name).address
    const byTheRule = await reader.readContract({
      address: loan,
      abi: loanAbi,
      functionName: 'score',
      args: [income, debts, history, version],
      account,
    })
    // All but when: it was computed on an earlier block.
    expect(offers[i]?.slice(0, 4)).toEqual(byTheRule.slice(0, 4))
    const [amount, rateBps] = await reader.readContract({
      address: loan,
      abi: loanAbi,
      functionName: 'offers',
      args: [account],
    })
    expect([amount, BigInt(rateBps)]).toEqual(byTheRule.slice(1, 3))
  }
  const { requested, settled } = await taskLogs(network)
  expect(requested).toHaveLength(APPLICANTS.length)
  expect(settled.map(({ status, delivered, rank }) => ({ status, delivered, rank }))).toEqual(
    APPLICANTS.map(() => ({ status: 0, delivered: true, rank: 0 })),
  )
})
