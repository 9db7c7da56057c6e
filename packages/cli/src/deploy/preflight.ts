/** What a chain must have before anything is sent to it: asked by calls that change nothing. */
import { EnigmaError, type Hex } from '@enigma/protocol'
import { concatHex, numberToHex, type PublicClient } from 'viem'
import { CREATE2_DEPLOYER } from './parts.ts'

/** Of chains that hold nothing of value: anvil's and Hardhat's, and Geth's --dev. As in TrustRoot.sol. */
export const LOCAL_CHAINS: readonly number[] = [31_337, 1_337]

/** EIP-2935: the hashes of the last 8,191 blocks. */
const HISTORY: Hex = '0x0000f90827f1c53a10cb7a02335b175320002935'

const zeros = (bytes: number): Hex => `0x${'00'.repeat(bytes)}`
const ONE: Hex = numberToHex(1, { size: 32 })

/** A signature of P-256 that is valid, from the test vectors of EIP-7951: hash | r | s | x | y. */
const P256_VECTOR: Hex =
  '0x4cee90eb86eaa050036147a12d49004b6b9c72bd725d39d4785011fe190f0b4da73bd4903f0ce3b639bbbf6e8e80d16931ff4bcf5993d58468e8fb19086e8cac36dbcd03009df8c59286b162af3bd7fcc0450c9aa81be5d10d312af6c66b1d604aebd3099c618202fcfe16ae7770b0c49ab5eadf74b754204a3bb6060e44eff37618b065f9832de4ca6ca971a7a1adc826d0f7c00181a5fb2ddf79ae00b4e10e'

type Precompile = { what: string; address: Hex; input: Hex; isRight: (output: Hex) => boolean }

/** What each answers to a question that has one answer. */
const PRECOMPILES: readonly Precompile[] = [
  {
    what: 'the P-256 precompile at 0x100 (EIP-7951)',
    ...{ address: '0x0000000000000000000000000000000000000100', input: P256_VECTOR },
    isRight: (output) => output === ONE,
  },
  {
    what: 'the BLS12-381 precompile G1ADD at 0x0b (EIP-2537)',
    ...{ address: '0x000000000000000000000000000000000000000b', input: zeros(256) },
    isRight: (output) => output === zeros(128),
  },
  {
    what: 'the BLS12-381 precompile PAIRING at 0x0f (EIP-2537)',
    ...{ address: '0x000000000000000000000000000000000000000f', input: zeros(384) },
    isRight: (output) => output === ONE,
  },
  {
    what: 'the BLS12-381 precompile MAP_FP_TO_G1 at 0x10 (EIP-2537)',
    ...{ address: '0x0000000000000000000000000000000000000010', input: zeros(64) },
    isRight: (output) => output.length === 2 + 2 * 128,
  },
]

/** Returns what the chain lacks, each as a phrase; nothing if a network can live there. */
export async function findMissing(client: PublicClient): Promise<string[]> {
  const missing = await Promise.all([
    ...PRECOMPILES.map((precompile) => missingPrecompile(client, precompile)),
    missingNumber(client),
    missingHistory(client),
  ])
  return missing.flatMap((what) => what ?? [])
}

async function missingPrecompile(client: PublicClient, { what, address, input, isRight }: Precompile) {
  const output = await client.call({ to: address, data: input }).then(
    ({ data }) => data ?? '0x',
    () => '0x' as Hex,
  )
  return isRight(output) ? undefined : what
}

/** NUMBER; MSTORE at 0; RETURN 32 bytes. */
const RETURN_NUMBER: Hex = '0x435f5260205ff3'

/** On Arbitrum block.number is an estimate of another chain's, and epochs, windows and BLOCKHASH count by it. */
async function missingNumber(client: PublicClient): Promise<string | undefined> {
  const head = await client.getBlock()
  const { data = '0x0' } = await client.call({ data: RETURN_NUMBER, blockNumber: head.number })
  const seen = BigInt(data)
  const distance = seen > head.number ? seen - head.number : head.number - seen
  // Some nodes run a call as of the block that follows.
  return distance <= 1n ? undefined : `a block.number of its own (contracts see ${seen} in block ${head.number})`
}

async function missingHistory(client: PublicClient): Promise<string | undefined> {
  const head = await client.getBlock()
  // Of the first blocks of a chain there is nothing to ask.
  if (head.number < 2n) return (await client.getCode({ address: HISTORY })) ? undefined : HISTORY_MISSING
  const asked = head.number - 1n
  const [{ hash }, { data }] = await Promise.all([
    client.getBlock({ blockNumber: asked }),
    client.call({ to: HISTORY, data: numberToHex(asked, { size: 32 }) }).catch(() => ({ data: undefined })),
  ])
  return data === hash ? undefined : HISTORY_MISSING
}

const HISTORY_MISSING = `the contract with old blocks' hashes at ${HISTORY} (EIP-2935)`

/** The signed transaction that puts the CREATE2 deployer on any chain that takes transactions without a chain id. */
const CREATE2_DEPLOYMENT: Hex =
  '0xf8a58085174876e800830186a08080b853604580600e600039806000f350fe7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf31ba02222222222222222222222222222222222222222222222222222222222222222a02222222222222222222222222222222222222222222222222222222222222222'
export const CREATE2_DEPLOYMENT_TX = {
  raw: CREATE2_DEPLOYMENT,
  from: '0x3fab184622dc19b6109349b94811493bf2a45362' as Hex,
  /** 100,000 gas at 100 gwei. */
  costWei: 10_000_000_000_000_000n,
}
export const CREATE2_DEPLOYER_CODE: Hex = concatHex([
  '0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0',
  '0x3601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3',
])

export async function hasCreate2Deployer(client: PublicClient): Promise<boolean> {
  return (await client.getCode({ address: CREATE2_DEPLOYER })) === CREATE2_DEPLOYER_CODE
}

/** Thrown with everything that the chain lacks; nothing was sent. */
export class UnfitChainError extends EnigmaError {
  override readonly name = 'Preflight.UnfitChainError'
  readonly code = 'UNFIT_CHAIN'
  constructor(chainId: number, missing: readonly string[]) {
    super(`No network can live on chain ${chainId}, which lacks ${missing.join('; ')}.`, {
      hint: 'docs/deploying.md says which chains have what.',
    })
  }
}
