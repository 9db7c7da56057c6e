/**
 * The contract that keeps collateral, as the keeper sees it: what it holds, and what it would say to more.
 *
 * The only file of this package, with seats.ts, that knows the chain library.
 */
import { dcapVerifierAbi } from '@enigma/contracts'
import {
  createWallet,
  isLagging,
  parseBlock,
  quantity,
  type Rpc,
  RpcError,
  type Secret,
  type Wallet,
} from '@enigma/process'
import { type Address, EnigmaError, type Hex, parseHex } from '@enigma/protocol'
import { privateKeyToAccount } from 'viem/accounts'
import { decodeErrorResult, decodeFunctionResult, encodeFunctionData, keccak256 } from 'viem/utils'
import type { Call } from './parts.ts'

export type CrlView = { thisUpdate: bigint; nextUpdate: bigint }
export type DocumentView = { issueDate: bigint; nextUpdate: bigint; evaluationNumber: number }
export type CollateralContract = ReturnType<typeof createCollateralContract>
/** Gas that a call would need, or the code of its refusal. */
export type Trial = { gas: bigint } | { code: string }

type View = Extract<(typeof dcapVerifierAbi)[number], { type: 'function'; stateMutability: 'view' }>['name']

export function createCollateralContract(rpc: Rpc, address: Address) {
  const encode = (functionName: View, args: readonly unknown[]) =>
    encodeFunctionData({ abi: dcapVerifierAbi, functionName, args } as Parameters<typeof encodeFunctionData>[0])
  const viewCall = (functionName: View, args: readonly unknown[]) => ({
    method: 'eth_call',
    params: [{ to: address, data: encode(functionName, args) }, 'latest'],
  })
  function decode(functionName: View, data: unknown): unknown {
    try {
      return decodeFunctionResult({ abi: dcapVerifierAbi, functionName, data: data as Hex })
    } catch {
      throw new RpcError('RPC_NONSENSE', `The node's answer to ${functionName} cannot be read.`)
    }
  }
  async function view(functionName: View, ...args: readonly unknown[]): Promise<unknown> {
    const { method, params } = viewCall(functionName, args)
    return decode(functionName, await rpc.call(method, params))
  }
  const encodeCall = (call: Call): Hex =>
    encodeFunctionData({ abi: dcapVerifierAbi, ...call } as Parameters<typeof encodeFunctionData>[0])

  return {
    address,
    encodeCall,
    chainId: async (): Promise<bigint> => quantity(await rpc.call('eth_chainId'), 'a chain id'),
    async head() {
      const block = parseBlock(await rpc.call('eth_getBlockByNumber', ['latest', false]))
      if (!block) throw new RpcError('RPC_NONSENSE', 'The node has no latest block.')
      return block
    },
    /** Throws where there is none. */
    async requireCode(): Promise<void> {
      if ((await rpc.call('eth_getCode', [address, 'latest'])) === '0x') throw new NoVerifierError(address)
    },
    /** Throws where the node still catches up: what it says of the contract and the account is of the past. */
    async requireSynced(): Promise<void> {
      const progress = await rpc.call('eth_syncing').catch((error: unknown) => {
        // Some providers do not say; what they serve has caught up.
        if (error instanceof RpcError && error.code === 'RPC_REFUSED') return false
        throw error
      })
      if (progress !== false) throw new NodeSyncingError()
    },
    /** Undefined where the node has no such block. */
    async blockHash(number: bigint): Promise<Hex | undefined> {
      return parseBlock(await rpc.call('eth_getBlockByNumber', [`0x${number.toString(16)}`, false]))?.hash
    },
    balanceWei: async (account: Address): Promise<bigint> =>
      quantity(await rpc.call('eth_getBalance', [account, 'latest']), 'a balance'),
    rootHash: async () => (await view('rootHash')) as Hex,
    rootCrl: async () => (await view('rootCrl')) as CrlView,
    pckCrl: async (issuer: Hex) => (await view('pckCrl', issuer)) as CrlView,
    pckCaUntil: async (issuer: Hex) => (await view('pckCaUntil', issuer)) as bigint,
    async tcbSigner() {
      const [serial, notAfter] = (await view('tcbSigner')) as [Hex, bigint]
      return { serial, notAfter }
    },
    tcbInfo: async (fmspc: Hex, pceId: Hex) => (await view('tcbInfo', fmspc, pceId)) as DocumentView,
    qeIdentity: async () => (await view('qeIdentity')) as DocumentView,
    /**
     * What is amiss with the collateral for this kind of platform, by the contract's own judgement: the code with which it
     * would refuse all of them; undefined where it would judge them.
     */
    async faultOf(issuer: Hex, { fmspc, pceId }: { fmspc: Hex; pceId: Hex }): Promise<string | undefined> {
      const zeros = '00'.repeat(32)
      // The record of a machine that nobody has: of key, serial and versions zero.
      const tcb = `${fmspc}${pceId.slice(2)}`.slice(2).padEnd(64, '0')
      const record: Hex = `0x${zeros}${zeros}${issuer.slice(2)}${zeros}${tcb}${zeros}`
      try {
        await view('recheck', record)
        return undefined
      } catch (error) {
        const code = refusalOf(error)
        if (code === undefined) throw error
        return code
      }
    },
    /** Whether each of `serials` is revoked there. */
    async areRevoked(issuer: Hex, serials: readonly Hex[]): Promise<boolean> {
      const answers = await rpc.batch(serials.map((serial) => viewCall('isRevoked', [issuer, serial])))
      return answers.every((answer) => decode('isRevoked', answer) === true)
    },
    async tryCall(call: Call, from: Address): Promise<Trial> {
      try {
        const gas = await rpc.call('eth_estimateGas', [{ from, to: address, data: encodeCall(call) }])
        return { gas: quantity(gas, 'an estimate') }
      } catch (error) {
        const code = refusalOf(error)
        if (code === undefined) throw error
        return { code }
      }
    },
  }
}

/** Thrown where there is no contract. */
export class NoVerifierError extends EnigmaError {
  override readonly name = 'Contract.NoVerifierError'
  readonly code = 'NO_VERIFIER'
  constructor(verifier: Address) {
    super(`There is no contract at ${verifier}.`, { hint: 'Check the address and that the RPC URL is of its chain.' })
  }
}

/** Thrown while the node catches up with its chain. */
export class NodeSyncingError extends EnigmaError {
  override readonly name = 'Contract.NodeSyncingError'
  readonly code = 'NODE_SYNCING'
  constructor() {
    super('The node has not caught up with its chain yet.', { hint: 'Wait, or take another node.' })
  }
}

/**
 * The code in `AttestationRefused(bytes32 code)`; `REVERTED` for a revert that says nothing, `NODE_REFUSED` where the node
 * would not try (its own limits). Undefined where it is away, or behind: then nothing follows.
 */
function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof RpcError) || error.code !== 'RPC_REFUSED' || isLagging(error)) return undefined
  if (!error.data || error.data === '0x') return /revert/i.test(error.said) ? 'REVERTED' : 'NODE_REFUSED'
  try {
    const { args } = decodeErrorResult({ abi: dcapVerifierAbi, data: error.data as Hex })
    const code = Buffer.from(String(args?.[0]).slice(2), 'hex').toString('latin1').replace(/\0+$/, '')
    return /^[A-Z][A-Z0-9_]{0,31}$/.test(code) ? code : 'REVERTED'
  } catch {
    return 'REVERTED'
  }
}

/** The account that pays for what the keeper sends. */
export function createKeeperWallet(rpc: Rpc, chainId: bigint, key: Secret): Wallet {
  const account = privateKeyToAccount(key.reveal() as Hex)
  return createWallet(rpc, parseHex(account.address, { bytes: 20, what: 'keeper' }), async (transaction) => {
    const { nonce, to, data, valueWei, gas, maxFeeWei, tipWei } = transaction
    const raw = await account.signTransaction({
      type: 'eip1559',
      chainId: Number(chainId),
      ...{ nonce, to, data, value: valueWei, gas, maxFeePerGas: maxFeeWei, maxPriorityFeePerGas: tipWei },
    })
    return { raw, hash: keccak256(raw) }
  })
}
