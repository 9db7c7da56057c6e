/** The EVM in JavaScript that Ethereum's own project keeps. */
import { Common, Hardfork, Mainnet } from '@ethereumjs/common'
import { createEVM } from '@ethereumjs/evm'
import { SimpleStateManager } from '@ethereumjs/statemanager'
import { bytesToHex, createAccount, createAddressFromString, hexToBytes } from '@ethereumjs/util'
import { CALLER, type Engine, GAS } from './engine.ts'

export async function ethereumjsEngine(): Promise<Engine> {
  const common = new Common({ chain: Mainnet, hardfork: Hardfork.Osaka })
  const stateManager = new SimpleStateManager({ common })
  const evm = await createEVM({ common, stateManager, allowUnlimitedContractSize: true })
  const caller = createAddressFromString(CALLER)
  return {
    id: '@ethereumjs/evm',
    install: async (address, code) => {
      const to = createAddressFromString(address)
      await stateManager.putAccount(to, createAccount({ nonce: 1n }))
      await stateManager.putCode(to, hexToBytes(code))
    },
    call: async (address, data) => {
      const to = createAddressFromString(address)
      await stateManager.checkpoint()
      // As a transaction finds them; `runCall` alone begins with everything cold.
      evm.journal.addAlwaysWarmAddress(address.slice(2), true)
      for (const [precompile] of evm.precompiles) evm.journal.addAlwaysWarmAddress(precompile, true)
      const { execResult } = await evm.runCall({ to, caller, data: hexToBytes(data), gasLimit: GAS, skipBalance: true })
      await evm.journal.cleanup()
      await stateManager.revert()
      if (execResult.exceptionError) throw new Error(`@ethereumjs/evm: ${execResult.exceptionError.error}`)
      return bytesToHex(execResult.returnValue)
    },
    close: async () => {},
  }
}
