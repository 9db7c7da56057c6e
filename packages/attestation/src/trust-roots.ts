/**
 * Whom verification trusts in the end: one root certificate, chosen in code by its bytes.
 *
 * The name that a verdict carries is found from the bytes, so that no other root can pass for Intel's.
 */
import { bytesToHex } from '@enigma/protocol'

export type TrustRoot = {
  /** `custom`: neither Intel's nor the simulated one, for instance that of a vendor's test kit. */
  readonly name: 'intel' | 'simulated' | 'custom'
  /** DER. */
  readonly certificate: Uint8Array
}

/** Returns the trust root that a root certificate is. */
export function trustRootOf(certificate: Uint8Array): TrustRoot {
  const hex = bytesToHex(certificate)
  for (const known of Object.values(trustRoots)) if (bytesToHex(known.certificate) === hex) return known
  return { name: 'custom', certificate }
}

const fromBase64 = (text: string) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0))

export const trustRoots = {
  /** Intel SGX Root CA, SHA-256 44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3. */
  intel: {
    name: 'intel',
    certificate: fromBase64(
      'MIICjzCCAjSgAwIBAgIUImUM1lqdNInzg7SVUr9QGzknBqwwCgYIKoZIzj0EAwIwaDEaMBgGA1UEAwwRSW50ZWwgU0dYIFJvb3Qg' +
        'Q0ExGjAYBgNVBAoMEUludGVsIENvcnBvcmF0aW9uMRQwEgYDVQQHDAtTYW50YSBDbGFyYTELMAkGA1UECAwCQ0ExCzAJBgNVBAYT' +
        'AlVTMB4XDTE4MDUyMTEwNDUxMFoXDTQ5MTIzMTIzNTk1OVowaDEaMBgGA1UEAwwRSW50ZWwgU0dYIFJvb3QgQ0ExGjAYBgNVBAoM' +
        'EUludGVsIENvcnBvcmF0aW9uMRQwEgYDVQQHDAtTYW50YSBDbGFyYTELMAkGA1UECAwCQ0ExCzAJBgNVBAYTAlVTMFkwEwYHKoZI' +
        'zj0CAQYIKoZIzj0DAQcDQgAEC6nEwMDIYZOj/iPWsCzaEKi71OiOSLRFhWGjbnBVJfVnkY4u3IjkDYYL0MxO4mqsyYjlBalTVYxF' +
        'P2sJBK5zlKOBuzCBuDAfBgNVHSMEGDAWgBQiZQzWWp00ifODtJVSv1AbOScGrDBSBgNVHR8ESzBJMEegRaBDhkFodHRwczovL2Nl' +
        'cnRpZmljYXRlcy50cnVzdGVkc2VydmljZXMuaW50ZWwuY29tL0ludGVsU0dYUm9vdENBLmRlcjAdBgNVHQ4EFgQUImUM1lqdNInz' +
        'g7SVUr9QGzknBqwwDgYDVR0PAQH/BAQDAgEGMBIGA1UdEwEB/wQIMAYBAf8CAQEwCgYIKoZIzj0EAwIDSQAwRgIhAOW/5QkR+S9C' +
        'iSDcNoowLuPRLsWGf/Yi7GSX94BgwTwgAiEA4J0lrHoMs+Xo5o/sX6O9QWxHRAvZUGOdRQ7cvqRXaqI=',
    ),
  },
  /** Its private key follows from a public string: for local networks only. `simulated/pki.ts` makes it. */
  simulated: {
    name: 'simulated',
    certificate: fromBase64(
      'MIICmjCCAkCgAwIBAgIUTbb8FK0F3YJTXgCqvma4mDk9sa0wCgYIKoZIzj0EAwIwdzEeMBwGA1UEAwwVU2ltdWxhdGVkIFNHWCBS' +
        'b290IENBMSkwJwYDVQQKDCBFbmlnbWEgbG9jYWwgbmV0d29yayAtIE5PVCBJTlRFTDEQMA4GA1UEBwwHTm93aGVyZTELMAkGA1UE' +
        'CAwCTkExCzAJBgNVBAYTAlhYMB4XDTI0MDEwMTAwMDAwMFoXDTQ5MTIzMTAwMDAwMFowdzEeMBwGA1UEAwwVU2ltdWxhdGVkIFNH' +
        'WCBSb290IENBMSkwJwYDVQQKDCBFbmlnbWEgbG9jYWwgbmV0d29yayAtIE5PVCBJTlRFTDEQMA4GA1UEBwwHTm93aGVyZTELMAkG' +
        'A1UECAwCTkExCzAJBgNVBAYTAlhYMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEwn9DTUfwevYtiEbYwlL/FTbkUUa5eEH4+r9b' +
        'IFfmy2RkJj/gJi1U1xC+dtcSzcCpiUFmkpAhIF4hCfMdawtwl6OBqTCBpjAfBgNVHSMEGDAWgBRaKR/Wc5IWI3G+Ubrm8oHll2zX' +
        'FjBABgNVHR8EOTA3MDWgM6Axhi9odHRwOi8vbG9jYWxob3N0L3NneC9jZXJ0aWZpY2F0aW9uL3Y0L3Jvb3RjYWNybDAdBgNVHQ4E' +
        'FgQUWikf1nOSFiNxvlG65vKB5Zds1xYwDgYDVR0PAQH/BAQDAgEGMBIGA1UdEwEB/wQIMAYBAf8CAQEwCgYIKoZIzj0EAwIDSAAw' +
        'RQIgLsANXcrCsGo+GGviBQq7RXxY5k44lMS46upfccitqTUCIQDfAL8IJxHQvgc8TTXW63qm6Avhl19HFxgKYDVmz85Pgg==',
    ),
  },
} as const satisfies Record<string, TrustRoot>
