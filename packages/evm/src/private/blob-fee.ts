/** What does BLOBBASEFEE answer? EIP-4844's exponential, with the update fraction that EIP-7691 set. */

const UPDATE_FRACTION = 5_007_716n
/** Beyond this the price passes 2^256 and the series gets long; no chain comes near. */
const MAX_EXCESS_BLOB_GAS = 177n * UPDATE_FRACTION

/** Wei per blob gas. */
export function blobBaseFee(excessBlobGas: bigint): bigint {
  return fakeExponential(excessBlobGas < MAX_EXCESS_BLOB_GAS ? excessBlobGas : MAX_EXCESS_BLOB_GAS)
}

function fakeExponential(numerator: bigint): bigint {
  let sum = 0n
  let term = UPDATE_FRACTION
  for (let i = 1n; term > 0n; i++) {
    sum += term
    term = (term * numerator) / (UPDATE_FRACTION * i)
  }
  return sum / UPDATE_FRACTION
}
