/** The loan example on a chain of a test's own, with somebody else's price feed and vault, and no Enigma network. */
import type { Address, Hex } from '@enigma/protocol'
import { parseEther } from 'viem'
import {
  loanAbi,
  loanBytecode,
  priceFeedAbi,
  priceFeedBytecode,
  vaultAbi,
  vaultBytecode,
} from '../../../../examples/loan/abi.ts'
import type { TestChain } from './chain.ts'

const TERMS = {
  largestAmount: 250_000n,
  monthsOfIncome: 24,
  largestDebtBps: 4_000,
  bestRateBps: 320,
  worstRateBps: 980,
  collateralBps: 5_000,
  maxPriceAgeSeconds: 86_400,
}
/** The loan asks only whether there is code. */
const ENIGMA: Address = `0x${'e1'.repeat(20)}`

export type Loan = Awaited<ReturnType<typeof deployLoan>>

/** By account 0, who has locked 4 ether. */
export async function deployLoan(test: TestChain) {
  const { client } = test
  const lender = test.account(0)
  await test.fund(lender.address)
  await client.setCode({ address: ENIGMA, bytecode: '0xfe' })
  const feed = await test.deploy(lender, priceFeedAbi, priceFeedBytecode, [8, 2_500_00000000n])
  const vault = await test.deploy(lender, vaultAbi, vaultBytecode, [])
  const address = await test.deploy(lender, loanAbi, loanBytecode, [ENIGMA, TERMS, feed, vault])
  const lock = { address: vault, abi: vaultAbi, functionName: 'lock', value: parseEther('4'), gas: 1_000_000n } as const
  const hash = await client.writeContract({ ...lock, account: lender })
  await client.waitForTransactionReceipt({ hash })
  const loan = { address, abi: loanAbi }
  const terms: Hex = await client.readContract({ ...loan, functionName: 'termsVersion' })
  return {
    address,
    feed,
    vault,
    /** An application by account 0, of one instalment. */
    score: (income: bigint, debts: bigint) =>
      ({ ...loan, functionName: 'score', args: [income, debts, [{ amount: 350n, daysLate: 0 }], terms] }) as const,
  }
}
