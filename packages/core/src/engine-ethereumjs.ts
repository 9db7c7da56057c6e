/**
 * The first engine: @ethereumjs/evm under Osaka rules.
 *
 * How is an EVM that expects a database and a transaction made to run one static call over facts that arrive bit by bit?
 * Its state manager waits where a fact is missing (`paused-state.ts`), its opcodes are wrapped where Core counts or
 * refuses (`metered-opcodes.ts`), and nothing is ever written. Slow, complete, and later the oracle for our own engine.
 */

import { hexToBytes } from '@enigma/protocol'
import { type Common, createCustomCommon, Hardfork, Mainnet } from '@ethereumjs/common'
import { createEVM, type EVM, EVMError, type EVMMockBlockchainInterface, type EVMResult } from '@ethereumjs/evm'
import { Address as EvmAddress } from '@ethereumjs/util'
import { blobBaseFee } from './blob-fee.ts'
import type { Header } from './calls.ts'
import type { ChainView, Wanted } from './chain-view.ts'
import { compactJournal } from './compact-journal.ts'
import { type Engine, type EngineCall, HaltSignal, type Meter, type Outcome } from './engine.ts'
import { meterOpcodes } from './metered-opcodes.ts'
import { PausedState } from './paused-state.ts'

/** EIP-4844's point evaluation needs a trusted setup of 400 KB that Core does not carry. */
const POINT_EVALUATION = '0x000000000000000000000000000000000000000a'

export function createEthereumjsEngine(): Engine {
  const commons = new Map<bigint, Common>()
  const commonOf = (chainId: bigint): Common => {
    const known = commons.get(chainId)
    if (known) return known
    const common = createCustomCommon({ chainId: Number(chainId) }, Mainnet, { hardfork: Hardfork.Osaka })
    commons.set(chainId, common)
    return common
  }
  return { id: 'ethereumjs-10.1.3', run: (call, view, meter) => run(call, view, meter, commonOf(call.chainId)) }
}

async function* run(
  call: EngineCall,
  view: ChainView,
  meter: Meter,
  common: Common,
): AsyncGenerator<Wanted, Outcome, void> {
  const state = new PausedState(view, meter)
  const evm = await createEVM({
    common,
    stateManager: state,
    blockchain: blockHashesOf(state),
    customPrecompiles: [{ address: POINT_EVALUATION, function: refusePointEvaluation }],
  })
  state.isPrecompile = (address) => evm.getPrecompile(address) !== undefined
  meterOpcodes(evm, { dApp: call.to, state, meter })
  compactJournal(evm.journal)
  warm(evm, call)

  const ended = start(evm, call)
  for (;;) {
    const step = await Promise.race([ended, state.paused()])
    if ('kind' in step) return step
    yield step
    state.resume()
  }
}

async function start(evm: EVM, { block, to, caller, data, gasLimit }: EngineCall): Promise<Outcome> {
  try {
    return outcomeOf(
      await evm.runCall({
        block: { header: blockOf(block) },
        to: addressOf(to),
        caller: addressOf(caller),
        origin: addressOf(caller),
        data,
        gasLimit,
        gasPrice: 0n,
        value: 0n,
        isStatic: true,
        skipNonceIncrement: true,
      }),
    )
  } catch (error) {
    if (error instanceof HaltSignal) return { kind: 'halted', halt: error.halt }
    throw error
  }
}

function outcomeOf({ execResult }: EVMResult): Outcome {
  const { exceptionError, returnValue } = execResult
  if (exceptionError === undefined) return { kind: 'returned', output: returnValue }
  const { REVERT, OUT_OF_GAS } = EVMError.errorMessages
  if (exceptionError.error === REVERT) return { kind: 'reverted', data: returnValue }
  return { kind: 'halted', halt: exceptionError.error === OUT_OF_GAS ? 'outOfGas' : 'invalid' }
}

function blockOf(header: Header) {
  return {
    number: header.number,
    coinbase: addressOf(header.coinbase),
    timestamp: header.timestamp,
    difficulty: 0n,
    prevRandao: hexToBytes(header.prevRandao),
    gasLimit: header.gasLimit,
    baseFeePerGas: header.baseFeePerGas,
    getBlobGasPrice: () => blobBaseFee(header.excessBlobGas ?? 0n),
  }
}

/** What a transaction finds warm (EIP-2929, EIP-3651): gas must be what the code would cost on chain. */
function warm(evm: EVM, { to, caller, block }: EngineCall): void {
  for (const address of [to, caller, block.coinbase]) evm.journal.addAlwaysWarmAddress(address)
  for (const address of evm.precompiles.keys()) evm.journal.addAlwaysWarmAddress(address)
}

/** BLOCKHASH asks for a block only to hash it. */
function blockHashesOf(state: PausedState): EVMMockBlockchainInterface {
  const blockchain: EVMMockBlockchainInterface = {
    getBlock: async (number) => {
      const hash = hexToBytes(await state.blockHash(number))
      return { hash: () => hash }
    },
    putBlock: () => Promise.resolve(),
    shallowCopy: () => blockchain,
  }
  return blockchain
}

function refusePointEvaluation(): never {
  throw new HaltSignal('unsupported')
}

function addressOf(address: string): EvmAddress {
  return new EvmAddress(hexToBytes(address as `0x${string}`))
}
