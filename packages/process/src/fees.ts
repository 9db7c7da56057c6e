/**
 * What a transaction offers for its gas (EIP-1559), and how a stuck one offers more.
 */

export type Fees = { maxFeeWei: bigint; tipWei: bigint }

/** Twice the base fee outlasts six full blocks in a row, each of which raises it by an eighth. */
export function freshFees(baseFeeWei: bigint, tipWei: bigint, mostWei: bigint): Fees {
  const wanted = 2n * baseFeeWei + tipWei
  const maxFeeWei = wanted < mostWei ? wanted : mostWei
  return { maxFeeWei, tipWei: tipWei < maxFeeWei ? tipWei : maxFeeWei }
}

/**
 * What replaces a transaction that offered `old`: nodes want both fees raised by at least a tenth (geth's pricebump), so an
 * eighth plus one. Undefined where that would exceed `mostWei`: then the old offer stands.
 */
export function raisedFees(old: Fees, baseFeeWei: bigint, mostWei: bigint): Fees | undefined {
  const raise = (value: bigint) => value + value / 8n + 1n
  const tipWei = raise(old.tipWei)
  const fresh = 2n * baseFeeWei + tipWei
  const maxFeeWei = raise(old.maxFeeWei) > fresh ? raise(old.maxFeeWei) : fresh
  if (maxFeeWei > mostWei) return undefined
  return { maxFeeWei, tipWei }
}
