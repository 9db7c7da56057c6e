/** Which machine and which quoting enclave does the simulated PKI play? */

/** The one kind of platform there is: FMSPC and versions of a third-generation Xeon server. */
export const simulatedKind = {
  fmspc: '00606a000000',
  pceId: '0000',
  components: [14, 14, 3, 3, 255, 255, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  pceSvn: 13,
} as const

/** Intel's quoting enclave, version 8: the simulated one has its identity, or tests could not tell another apart. */
export const quotingEnclave = {
  mrSigner: '8c4f5775d796503e96137f77c68a829a0056ac8ded70140b081b094490c57bff',
  mrEnclave: '96b347a64e5a045e27369c26e6dcda51fd7c850e9b3a3a79e718f43261dee1e4',
  isvProdId: 1,
  isvSvn: 8,
  attributes: '1500000000000000e700000000000000',
} as const
