import { dcapVerifierAbi } from '@enigma/contracts'
import { type Rpc, RpcError } from '@enigma/process'
import type { Hex } from '@enigma/protocol'
import { encodeErrorResult } from 'viem/utils'
import { describe, expect, test } from 'vitest'
import { createCollateralContract } from './contract.ts'

const address: Hex = `0x${'33'.repeat(20)}`
const call = { functionName: 'setRootCrl', args: ['0x01'] } as const

/** A contract on a node that gives this one answer. */
const contractOn = (answer: () => unknown) => {
  const rpc: Rpc = { call: async () => answer(), batch: () => Promise.reject(new Error('not asked')) }
  return createCollateralContract(rpc, address)
}
const refusing = (said: string, data?: string) =>
  contractOn(() => {
    throw new RpcError('RPC_REFUSED', said, { said, data })
  })

describe('the contract on its node', () => {
  test('is not to be read while the node catches up, and is where it does not say', async () => {
    await expect(contractOn(() => ({ currentBlock: '0x1' })).requireSynced()).rejects.toMatchObject({
      code: 'NODE_SYNCING',
    })
    await contractOn(() => false).requireSynced()
    await refusing('the method does not exist').requireSynced()
  })

  test('refuses with its own code, or the node does for it', async () => {
    const code: Hex = `0x${Buffer.from('ROOT_CRL_MISSING').toString('hex').padEnd(64, '0')}`
    const data = encodeErrorResult({ abi: dcapVerifierAbi, errorName: 'AttestationRefused', args: [code] })
    expect(await refusing('execution reverted', data).tryCall(call, address)).toEqual({ code: 'ROOT_CRL_MISSING' })
    expect(await refusing('execution reverted').tryCall(call, address)).toEqual({ code: 'REVERTED' })
    expect(await refusing('gas required exceeds allowance').tryCall(call, address)).toEqual({ code: 'NODE_REFUSED' })
  })

  test('refuses nothing while its node lags behind', async () => {
    await expect(refusing('header not found').tryCall(call, address)).rejects.toMatchObject({ code: 'RPC_REFUSED' })
  })
})
