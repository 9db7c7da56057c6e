/** A user's own key, against wallets of many kinds; no chain is needed for it. */
import type { Domain, Hex } from '@enigma/protocol'
import { createWalletClient, custom, UserRejectedRequestError, type WalletClient } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { deriveUserKey } from './user-key.ts'

const DOMAIN: Domain = { chainId: 31_337n, enigma: '0x00000000000000000000000000000000000000e1' }
const ALICE = privateKeyToAccount(`0x${'a1'.repeat(32)}`)
const BOB = privateKeyToAccount(`0x${'b0'.repeat(32)}`)

const PINNED = '0xbaacf064d6b2632f055c07e310c7920a89daa98c54f93ea8a4fbfd8be19df150'

type Asked = { texts: { domain: object; message: Record<string, unknown>; primaryType: string }[] }

/** A wallet behind an RPC, as in a browser: it signs what it is shown, or what `sign` makes of that. */
function walletOf(account = ALICE, sign?: (signature: Hex, times: number) => Hex | Promise<Hex>) {
  const asked: Asked = { texts: [] }
  const request = async ({ method, params }: { method: string; params?: unknown }) => {
    expect(method).toBe('eth_signTypedData_v4')
    const text = JSON.parse((params as [string, string])[1])
    asked.texts.push(text)
    const signature = await account.signTypedData(text)
    return sign ? sign(signature, asked.texts.length) : signature
  }
  return { asked, writer: createWalletClient({ transport: custom({ request }, { retryCount: 0 }) }) }
}

const derive = (writer: WalletClient, { domain = DOMAIN, account = ALICE, verifyDeterminism = false } = {}) =>
  deriveUserKey(writer as never, domain, { address: account.address, type: 'json-rpc' }, { verifyDeterminism })
const secretOf = async (...parameters: Parameters<typeof derive>) => (await derive(...parameters)).exportSecret()

describe('a user’s key', () => {
  test('is the same each time and on each device, by one question', async () => {
    const { writer, asked } = walletOf()
    const key = await derive(writer)
    expect(asked.texts).toHaveLength(1)
    expect((await derive(walletOf().writer)).publicKey).toBe(key.publicKey)
    expect(key.publicKey).toMatch(/^0x[\da-f]{64}$/)
  })

  test('is the one that earlier releases made: else nobody could read what he has', async () => {
    expect((await derive(walletOf().writer)).publicKey).toBe(PINNED)
  })

  test('is another one for another account, chain or contract', async () => {
    const bobs = walletOf(BOB)
    const secrets = [
      await secretOf(walletOf().writer),
      await secretOf(bobs.writer, { account: BOB }),
      await secretOf(walletOf().writer, { domain: { ...DOMAIN, chainId: 1n } }),
      await secretOf(walletOf().writer, { domain: { ...DOMAIN, enigma: `0x${'e2'.repeat(20)}` } }),
    ]
    expect(new Set(secrets).size).toBe(4)
  })

  test('the wallet shows what it is for, and for which network and account', async () => {
    const { writer, asked } = walletOf()
    await derive(writer)
    const [text] = asked.texts
    expect(text).toMatchObject({
      primaryType: 'PrivateResultKey',
      domain: { name: 'Enigma', version: '1', verifyingContract: DOMAIN.enigma },
      message: { account: ALICE.address.toLowerCase() },
    })
    expect(text?.message.purpose).toMatch(/private results.*Whoever gets this signature can read them/)
    expect(JSON.stringify(text)).toContain('31337')
  })

  test('is not the signature, nor told by printing it', async () => {
    let signed: Hex = '0x'
    const { writer } = walletOf(ALICE, (signature) => {
      signed = signature
      return signature
    })
    const key = await derive(writer)
    expect(signed).not.toContain(key.exportSecret().slice(2))
    expect(JSON.stringify(key)).not.toContain(key.exportSecret().slice(2))
  })

  test('does not hang on how a wallet spells the signature’s last byte, or its letters', async () => {
    const spelt = walletOf(ALICE, (signature) => {
      const v = Number(`0x${signature.slice(-2)}`) - 27
      return `0x${signature.slice(2, -2).toUpperCase()}0${v}`
    })
    expect(await secretOf(spelt.writer)).toBe(await secretOf(walletOf().writer))
  })

  test('is not made of another account’s signature, nor of a contract wallet’s', async () => {
    const unfit = { code: 'UNFIT_WALLET' }
    await expect(derive(walletOf(BOB).writer)).rejects.toMatchObject(unfit)
    await expect(derive(walletOf(ALICE, (signature) => `${signature}00`).writer)).rejects.toMatchObject(unfit)
    await expect(derive(walletOf(ALICE, () => `0x${'00'.repeat(65)}`).writer)).rejects.toMatchObject(unfit)
    await expect(derive(walletOf(ALICE, () => '0x').writer)).rejects.toMatchObject(unfit)
  })

  test('asks twice where that is wished, and refuses a wallet whose signatures differ', async () => {
    const steady = walletOf()
    await derive(steady.writer, { verifyDeterminism: true })
    expect(steady.asked.texts).toHaveLength(2)

    const fickle = walletOf(ALICE, (signature, times) => (times === 1 ? signature : `0x${'11'.repeat(65)}`))
    await expect(derive(fickle.writer, { verifyDeterminism: true })).rejects.toMatchObject({ code: 'UNFIT_WALLET' })
  })

  test('a user who says no is told as such', async () => {
    const { writer } = walletOf(ALICE, () => {
      throw new UserRejectedRequestError(new Error('no'))
    })
    await expect(derive(writer)).rejects.toMatchObject({ code: 'USER_REJECTED' })
  })
})
