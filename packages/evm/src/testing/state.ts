/** A state as Ethereum keeps it, by another implementation of its trie, and proofs as a node would answer them. */
import { type Address, bytesToHex, type Hex, hexToBytes, keccak256 } from '@enigma/protocol'
import { createMerkleProof, MerklePatriciaTrie } from '@ethereumjs/mpt'
import { RLP } from '@ethereumjs/rlp'
import type { RpcProof } from '../proof/writer.ts'

export type AccountSetup = {
  nonce?: bigint
  balanceWei?: bigint
  code?: Uint8Array
  slots?: Readonly<Record<Hex, bigint>>
}

export class TestState {
  readonly root: Hex
  readonly #trie: MerklePatriciaTrie
  readonly #storages: ReadonlyMap<Address, MerklePatriciaTrie>
  readonly #accounts: Readonly<Record<Address, AccountSetup>>

  private constructor(
    trie: MerklePatriciaTrie,
    storages: ReadonlyMap<Address, MerklePatriciaTrie>,
    accounts: Readonly<Record<Address, AccountSetup>>,
  ) {
    this.root = bytesToHex(trie.root())
    this.#trie = trie
    this.#storages = storages
    this.#accounts = accounts
  }

  static async of(accounts: Readonly<Record<Address, AccountSetup>>): Promise<TestState> {
    const trie = new MerklePatriciaTrie({ useKeyHashing: true })
    const storages = new Map<Address, MerklePatriciaTrie>()
    for (const [address, { nonce = 0n, balanceWei = 0n, code, slots = {} }] of Object.entries(accounts)) {
      const storage = new MerklePatriciaTrie({ useKeyHashing: true })
      for (const [slot, value] of Object.entries(slots)) await storage.put(hexToBytes(slot as Hex), RLP.encode(value))
      storages.set(address as Address, storage)
      const body = [nonce, balanceWei, storage.root(), hexToBytes(keccak256(code ?? new Uint8Array(0)))]
      await trie.put(hexToBytes(address as Address), RLP.encode(body))
    }
    return new TestState(trie, storages, accounts)
  }

  /** As `eth_getProof` answers. */
  async prove(address: Address, slots: readonly Hex[] = []): Promise<RpcProof> {
    const storage = this.#storages.get(address)
    const prove = async (trie: MerklePatriciaTrie | undefined, key: Hex) =>
      trie ? (await createMerkleProof(trie, hexToBytes(key))).map((node) => bytesToHex(node)) : []
    return {
      address,
      codeHash: keccak256(this.#accounts[address]?.code ?? new Uint8Array(0)),
      accountProof: await prove(this.#trie, address),
      storageProof: await Promise.all(slots.map(async (key) => ({ key, proof: await prove(storage, key) }))),
    }
  }
}
