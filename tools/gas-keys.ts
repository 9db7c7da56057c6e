/** What the life of a network secret costs: made, handed on, final, followed by the next. */
import { encodeFunctionData, type Hex, hashTypedData, keccak256, parseAbiParameters, toHex } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import { anvil } from 'viem/chains'
import { keyRegistryAbi } from '../contracts/abi/index.ts'
import { keyRegistryOf } from '../packages/protocol/src/index.ts'
import { compactSignature, create, include, mineToEpoch, read, type World } from './gas-world.ts'

/** The fields of each message, as EIP-712 has them. */
const MESSAGES = {
  Commit: 'bytes32 networkHash, uint256 seat, uint32 generation, bytes32 commitment, address networkSigner',
  Join: 'bytes32 networkHash, uint256 seat, bytes32 joinKey',
  Grant: 'bytes32 networkHash, uint256 seat, bytes32 joinKey, uint32 generation, bytes32 ciphertextHash',
  Holds: 'bytes32 networkHash, uint32 generation, bytes32 commitment',
  ContractKey: 'address dApp, bytes32 codeHash, uint32 generation, bytes32 publicKey',
} as const

const COMMITMENT = keccak256(toHex('commitment'))
/** Of one generation: 80 bytes. */
const CIPHERTEXT: Hex = `0x${'a5'.repeat(80)}`
/** Runtime code of one byte: STOP. */
const MUTE_CODE = '0x60016000f3' as const

/** `takeSeat` takes the next seat for the signer with this index, and tells what that cost. */
export async function measureKeys(
  world: World,
  gas: Record<string, number>,
  takeSeat: (index: number) => Promise<number>,
): Promise<void> {
  // Two seats to a machine: 0 and 2 are on different ones.
  for (const index of [0, 1, 2]) await takeSeat(index)
  await mineToEpoch(world, 2n)
  const networkHash = await read<Hex>(world, 'networkHash', [])
  const act = actions(world, networkHash)

  gas.commitGeneration = await act.commit(0, 1)
  await act.join(2)
  gas['grantKey, of the first secret'] = await act.grant(2, 0, 1)
  gas.confirmHolder = await act.hold(2, 1)
  const dApp = await create(world.chain, [], MUTE_CODE, [])
  gas.requestKey = await act.send('requestKey', [dApp])
  gas.publishKey = await act.publish(dApp, 1)

  gas['takeSeat, join fee escrowed'] = await takeSeat(3)
  gas.requestJoin = await act.join(3)
  gas['grantKey, seat that waited'] = await act.grant(3, 0, 1)
  gas['handoff, both together'] = gas.requestJoin + gas['grantKey, seat that waited']
  gas.openGeneration = await act.send('openGeneration', [])
}

function actions(world: World, networkHash: Hex) {
  const to = keyRegistryOf(world.enigma)
  const signer = (index: number) => world.signers[index] as PrivateKeyAccount
  const networkSigner = signer(0)

  async function send(functionName: string, args: readonly unknown[]): Promise<number> {
    const call = { abi: keyRegistryAbi, functionName, args } as unknown as Parameters<typeof encodeFunctionData>[0]
    return Number(
      (await include(world.chain, functionName, { to, data: encodeFunctionData(call), gas: 1_000_000n })).gasUsed,
    )
  }
  const sign = async (by: PrivateKeyAccount, message: Message, fields: Record<string, unknown>) => {
    const { r, vs } = await compactSignature(by, digestOf(world, message, fields))
    return [r, vs]
  }
  const joinKeyOf = (seat: number) => keccak256(toHex(`join key ${seat}`))

  return {
    send,
    async commit(seat: number, generation: number): Promise<number> {
      const fields = { seat, generation, commitment: COMMITMENT, networkSigner: networkSigner.address }
      const signature = await sign(signer(seat), 'Commit', { networkHash, ...fields })
      return send('commitGeneration', [...Object.values(fields), ...signature])
    },
    async join(seat: number): Promise<number> {
      const joinKey = joinKeyOf(seat)
      return send('requestJoin', [seat, joinKey, ...(await sign(signer(seat), 'Join', { networkHash, seat, joinKey }))])
    },
    async grant(seat: number, donor: number, generation: number): Promise<number> {
      const joinKey = joinKeyOf(seat)
      const fields = { networkHash, seat, joinKey, generation, ciphertextHash: keccak256(CIPHERTEXT) }
      const signature = await sign(signer(donor), 'Grant', fields)
      return send('grantKey', [seat, donor, joinKey, generation, CIPHERTEXT, ...signature])
    },
    async hold(seat: number, generation: number): Promise<number> {
      const signature = await sign(signer(seat), 'Holds', { networkHash, generation, commitment: COMMITMENT })
      return send('confirmHolder', [seat, generation, ...signature])
    },
    async publish(dApp: Hex, generation: number): Promise<number> {
      const fields = { dApp, codeHash: keccak256('0x00'), generation, publicKey: keccak256(toHex('public key')) }
      return send('publishKey', [...Object.values(fields), ...(await sign(networkSigner, 'ContractKey', fields))])
    },
  }
}

type Message = keyof typeof MESSAGES

function digestOf({ enigma }: World, primaryType: Message, message: Record<string, unknown>): Hex {
  const domain = { name: 'Enigma', version: '1', chainId: anvil.id, verifyingContract: enigma }
  const fields = parseAbiParameters(MESSAGES[primaryType]) as readonly { name: string; type: string }[]
  const types = { [primaryType]: fields.map(({ name, type }) => ({ name, type })) }
  return hashTypedData({ domain, types, primaryType, message })
}
