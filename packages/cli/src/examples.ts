/** The example dApps that a local network carries, so that there is something to call. */
import { additionAbi, additionBytecode } from '../../../examples/addition/abi.ts'
import { loanAbi, loanBytecode } from '../../../examples/loan/abi.ts'
import type { Dapp } from './localnet/deploy.ts'

/** What the lender of the example lends at: see `Terms` in Loan.sol. */
const LOAN_TERMS = {
  largestAmount: 250_000n,
  monthsOfIncome: 24,
  largestDebtBps: 4_000,
  bestRateBps: 320,
  worstRateBps: 980,
} as const

export const EXAMPLES = {
  addition: { abi: additionAbi, bytecode: additionBytecode },
  loan: { abi: loanAbi, bytecode: loanBytecode, args: [LOAN_TERMS] },
} as const satisfies Record<string, Dapp>

export { loanAbi }
