/** The example dApps that a local network carries, so that there is something to call. */
import { additionAbi, additionBytecode } from '../../../examples/addition/abi.ts'
import {
  loanAbi,
  loanBytecode,
  priceFeedAbi,
  priceFeedBytecode,
  vaultAbi,
  vaultBytecode,
} from '../../../examples/loan/abi.ts'
import { tokenAbi, tokenBytecode, votingAbi, votingBytecode } from '../../../examples/voting/abi.ts'
import type { Dapp } from './localnet/deploy.ts'

/** What the lender of the example lends at: see `Terms` in Loan.sol. */
const LOAN_TERMS = {
  largestAmount: 250_000n,
  monthsOfIncome: 24,
  largestDebtBps: 4_000,
  bestRateBps: 320,
  worstRateBps: 980,
  collateralBps: 5_000,
  maxPriceAgeSeconds: 30 * 86_400,
} as const
/** Eight decimals, as Chainlink's feeds have: 2,500 of the lender's currency for an ether. */
const PRICE = { decimals: 8, answer: 2_500_00000000n }
const TOKEN_SUPPLY = 1_000_000n * 10n ** 18n

export const EXAMPLES = {
  addition: { abi: additionAbi, bytecode: additionBytecode },
  loan: { abi: loanAbi, bytecode: loanBytecode, args: [LOAN_TERMS, { at: 'priceFeed' }, { at: 'vault' }] },
  priceFeed: { abi: priceFeedAbi, bytecode: priceFeedBytecode, args: [PRICE.decimals, PRICE.answer], isPlain: true },
  vault: { abi: vaultAbi, bytecode: vaultBytecode, isPlain: true },
  voting: { abi: votingAbi, bytecode: votingBytecode, args: [{ at: 'token' }] },
  token: { abi: tokenAbi, bytecode: tokenBytecode, args: [TOKEN_SUPPLY], isPlain: true },
} as const satisfies Record<string, Dapp>

export { loanAbi }
