/**
 * PEM text to DER certificates, strictly (RFC 7468), and back.
 *
 * Between the blocks only ends of lines may stand, and after the last the NUL that quoting enclaves append, so that no
 * byte of a chain is without meaning.
 */

const BEGIN = '-----BEGIN CERTIFICATE-----'
const END = '-----END CERTIFICATE-----'
const BLOCK = new RegExp(`${BEGIN}\\r?\\n((?:[A-Za-z0-9+/=]+\\r?\\n)+)${END}`, 'g')

/** Returns the certificates in their order, or undefined where the text is anything else. */
export function parsePem(text: string): Uint8Array[] | undefined {
  const certificates: (Uint8Array | undefined)[] = []
  const between = text.replace(/\0+$/, '').replace(BLOCK, (_block, base64: string) => {
    certificates.push(decodeBase64(base64.replace(/\r?\n/g, '')))
    return ''
  })
  if (/[^\r\n]/.test(between)) return undefined
  return certificates.every((certificate) => certificate !== undefined) ? certificates : undefined
}

/** One certificate as Intel's services write it, in lines of 64 characters. */
export function toPem(certificate: Uint8Array): string {
  const lines = btoa(String.fromCharCode(...certificate)).match(/.{1,64}/g) ?? []
  return `${BEGIN}\n${lines.join('\n')}\n${END}\n`
}

function decodeBase64(text: string): Uint8Array | undefined {
  try {
    const binary = atob(text)
    // Bits that the padding hides would let one certificate have several texts.
    if (btoa(binary) !== text) return undefined
    return Uint8Array.from(binary, (character) => character.charCodeAt(0))
  } catch {
    return undefined
  }
}
