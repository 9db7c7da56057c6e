/** The precompiles of @ethereumjs/evm, to be agreed with. Its point evaluation is left out: it comes without one. */
import type { Address } from '@enigma/protocol'
import { Common, Hardfork, Mainnet } from '@ethereumjs/common'
import { createEVM, getActivePrecompiles } from '@ethereumjs/evm'
import type { Fork } from '../types.ts'

const FORKS = { cancun: Hardfork.Cancun, prague: Hardfork.Prague, osaka: Hardfork.Osaka } as const
const ENOUGH_GAS = 1n << 600n

/** `gas` is left out where all of it is gone. */
export type Answer = { output: Uint8Array; gas: bigint } | { output: null }

export type ReferencePrecompiles = {
  addresses: readonly Address[]
  call(address: Address, input: Uint8Array): Promise<Answer>
}

export async function referencePrecompiles(fork: Fork): Promise<ReferencePrecompiles> {
  const common = new Common({ chain: Mainnet, hardfork: FORKS[fork] })
  const evm = await createEVM({ common })
  const active = getActivePrecompiles(common)
  return {
    addresses: [...active.keys()].map((hex): Address => `0x${hex}`),
    async call(address, data) {
      const precompile = active.get(address.slice(2))
      if (!precompile) throw new Error(`The reference has nothing at ${address}.`)
      const result = await precompile({ data, gasLimit: ENOUGH_GAS, common, _EVM: evm })
      if (result.exceptionError) return { output: null }
      return { output: result.returnValue, gas: result.executionGasUsed }
    },
  }
}
