/** The example dApps that a local network carries, so that there is something to call. */
import type { Address } from '@enigma/protocol'
import type { Abi } from 'viem'
import { additionAbi, additionBytecode } from '../../../examples/addition/abi.ts'
import { auctionAbi, auctionBytecode } from '../../../examples/auction/abi.ts'
import {
  loanAbi,
  loanBytecode,
  priceFeedAbi,
  priceFeedBytecode,
  vaultAbi,
  vaultBytecode,
} from '../../../examples/loan/abi.ts'
import { millionairesAbi, millionairesBytecode } from '../../../examples/millionaires/abi.ts'
import { leadOf } from '../../../examples/millionaires/leads.ts'
import { mixerAbi, mixerBytecode } from '../../../examples/mixer/abi.ts'
import { privateTokenAbi, privateTokenBytecode } from '../../../examples/private-token/abi.ts'
import { tokenAbi, tokenBytecode, votingAbi, votingBytecode } from '../../../examples/voting/abi.ts'
import type { Dapp } from './localnet/deploy.ts'
import type { NetworkFile } from './network-file.ts'

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
/** A coin of one ether, four places, an hour to fill a round and another to mix it. */
const MIXER_RULES = [10n ** 18n, 4n, 3_600, 3_600]
const TOKEN_SUPPLY = 1_000_000n * 10n ** 18n

export const EXAMPLES = {
  addition: { abi: additionAbi, bytecode: additionBytecode },
  auction: { abi: auctionAbi, bytecode: auctionBytecode },
  loan: { abi: loanAbi, bytecode: loanBytecode, args: [LOAN_TERMS, { at: 'priceFeed' }, { at: 'vault' }] },
  millionaires: { abi: millionairesAbi, bytecode: millionairesBytecode },
  mixer: { abi: mixerAbi, bytecode: mixerBytecode, args: MIXER_RULES },
  priceFeed: { abi: priceFeedAbi, bytecode: priceFeedBytecode, args: [PRICE.decimals, PRICE.answer], isPlain: true },
  privateToken: { abi: privateTokenAbi, bytecode: privateTokenBytecode, args: [{ at: 'token' }] },
  vault: { abi: vaultAbi, bytecode: vaultBytecode, isPlain: true },
  voting: { abi: votingAbi, bytecode: votingBytecode, args: [{ at: 'token' }] },
  token: { abi: tokenAbi, bytecode: tokenBytecode, args: [TOKEN_SUPPLY], isPlain: true },
} as const satisfies Record<string, Dapp>

/** Of the examples on the local network everything is known, of other contracts nothing. */
export function abiOf({ dApps }: NetworkFile, address: Address): Abi {
  const name = Object.keys(dApps).find((name) => dApps[name] === address)
  return name !== undefined && Object.hasOwn(EXAMPLES, name) ? EXAMPLES[name as keyof typeof EXAMPLES].abi : []
}

export { leadOf, millionairesAbi }
