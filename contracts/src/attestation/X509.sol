// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    ANY,
    BIT_STRING,
    BOOLEAN,
    Der,
    Element,
    INTEGER,
    OCTET_STRING,
    OID,
    PRINTABLE_STRING,
    SEQUENCE,
    SET,
    UTF8_STRING
} from "./Der.sol";
import {Memory} from "./Memory.sol";
import {P256} from "./P256.sol";
import {refuse} from "./Refusal.sol";

/// An X.509 v3 certificate of Intel's profile: ECDSA P-256, SHA-256, no unknown critical extension.
struct Certificate {
    /// What codes about it begin with. Set by who knows its role.
    bytes32 role;
    /// SHA-256 of what the issuer signed, and his signature.
    bytes32 signed;
    uint256 r;
    uint256 s;
    /// The key that it certifies.
    uint256 x;
    uint256 y;
    /// keccak256 of the distinguished names in DER.
    bytes32 issuer;
    bytes32 subject;
    /// The subject's, see `Der.number`.
    uint256 commonName;
    bytes32 serial;
    /// Unix seconds. Both belong to the validity (RFC 5280 §4.1.2.5).
    uint256 notBefore;
    uint256 notAfter;
    bool isCa;
    /// The first byte of its bits, which holds all that Intel uses.
    uint256 keyUsage;
    /// The content of Intel's extension 1.2.840.113741.1.13.1, `Der.NONE` where there is none.
    Element sgxExtension;
}

using X509 for Certificate global;

/// Reads what the checks need and refuses all else, so that nothing in a certificate goes by unseen (RFC 5280 §4).
library X509 {
    /// Intel's longest, a PCK leaf, has 1.3 KB.
    uint256 private constant MAX_BYTES = 4096;
    /// Intel's leaf has six.
    uint256 private constant MAX_EXTENSIONS = 16;

    /// AlgorithmIdentifier of ecdsa-with-SHA256, which has no parameters (RFC 5758 §3.2). 12 bytes.
    uint256 private constant ECDSA_SHA256 = 0x300a06082a8648ce3d040302;
    /// AlgorithmIdentifier of a key on P-256, then the head of a BIT STRING with an uncompressed point (RFC 5480 §2).
    uint256 private constant EC_P256_POINT = 0x301306072a8648ce3d020106082a8648ce3d03010703420004;
    uint256 private constant EC_P256_POINT_BYTES = 25;

    // OIDs.
    uint256 private constant COMMON_NAME = 0x550403;
    uint256 private constant KEY_USAGE = 0x551d0f;
    uint256 private constant BASIC_CONSTRAINTS = 0x551d13;
    uint256 private constant SGX_EXTENSION = 0x2a864886f84d010d01;

    function parse(bytes memory der) internal view returns (Certificate memory certificate) {
        if (der.length > MAX_BYTES) refuse("CERT_FORMAT");
        Element whole = Der.open(der, "CERT_FORMAT", SEQUENCE);
        Element signed = whole.first(SEQUENCE);
        Element algorithm = whole.next(signed, SEQUENCE);
        Element signature = whole.next(algorithm, BIT_STRING);
        whole.close(signature);
        // The outer algorithm is unsigned; the signed one below must repeat it (RFC 5280 §4.1.1.2).
        if (!isEcdsaSha256(algorithm)) refuse("CERT_ALG");
        certificate.signed = signed.sha();
        (certificate.r, certificate.s) = readSignature(signature);
        _readFields(certificate, signed);
    }

    function isEcdsaSha256(Element algorithm) internal pure returns (bool) {
        unchecked {
            uint256 bytes_ = algorithm.end() - algorithm.start();
            return bytes_ == 12 && Memory.word(algorithm.start()) >> 160 == ECDSA_SHA256;
        }
    }

    /// @dev ECDSA-Sig-Value (RFC 3279 §2.2.3).
    function readSignature(Element signature) internal pure returns (uint256, uint256) {
        Element pair = signature.bits().only(SEQUENCE);
        Element r = pair.first(INTEGER);
        Element s = pair.next(r, INTEGER);
        pair.close(s);
        return (r.unsigned(), s.unsigned());
    }

    /// @dev `certificate` names `issuer` and bears the signature of its key.
    function requireIssuedBy(Certificate memory certificate, bytes32 issuer, uint256 x, uint256 y) internal view {
        if (certificate.issuer != issuer) refuse(certificate.role, "_ISSUER");
        bool isSigned = P256.verify(certificate.signed, certificate.r, certificate.s, x, y);
        if (!isSigned) refuse(certificate.role, "_SIGNATURE");
    }

    function requireInDate(Certificate memory certificate) internal view {
        if (block.timestamp < certificate.notBefore) refuse(certificate.role, "_NOT_YET_VALID");
        if (block.timestamp > certificate.notAfter) refuse(certificate.role, "_EXPIRED");
    }

    function maySign(Certificate memory certificate) internal pure returns (bool) {
        return certificate.keyUsage & 0x80 != 0;
    }

    function mayCertify(Certificate memory certificate) internal pure returns (bool) {
        return certificate.keyUsage & 0x04 != 0;
    }

    function maySignCrls(Certificate memory certificate) internal pure returns (bool) {
        return certificate.keyUsage & 0x02 != 0;
    }

    function _readFields(Certificate memory certificate, Element signed) private pure {
        Element field = signed.first(0xa0);
        if (field.only(INTEGER).unsigned() != 2) field.fail();
        field = signed.next(field, INTEGER);
        certificate.serial = bytes32(field.unsigned());
        field = signed.next(field, SEQUENCE);
        if (!isEcdsaSha256(field)) refuse("CERT_ALG");
        // Not read further: a name that is trusted was read as its bearer's subject.
        field = signed.next(field, SEQUENCE);
        certificate.issuer = field.keccak();
        field = signed.next(field, SEQUENCE);
        _readValidity(certificate, field);
        field = signed.next(field, SEQUENCE);
        certificate.subject = field.keccak();
        certificate.commonName = _readCommonName(field);
        field = signed.next(field, SEQUENCE);
        _readKey(certificate, field);
        field = signed.next(field, 0xa3);
        // Nothing follows: the unique ids of version 2 have no place here.
        signed.close(field);
        _readExtensions(certificate, field.only(SEQUENCE));
    }

    function _readValidity(Certificate memory certificate, Element validity) private pure {
        Element from = validity.first(ANY);
        Element until = validity.next(from, ANY);
        validity.close(until);
        certificate.notBefore = from.time();
        certificate.notAfter = until.time();
    }

    /// @dev Of which a name has exactly one.
    function _readCommonName(Element name) private pure returns (uint256 commonName) {
        bool hasOne;
        uint256 place = name.content();
        while (place != name.end()) {
            Element set = name.childAt(place, SET);
            uint256 inner = set.content();
            while (inner != set.end()) {
                Element attribute = set.childAt(inner, SEQUENCE);
                Element kind = attribute.first(OID);
                Element value = attribute.next(kind, ANY);
                attribute.close(value);
                inner = attribute.end();
                if (kind.number() != COMMON_NAME) continue;
                bool isText = value.tag() == UTF8_STRING || value.tag() == PRINTABLE_STRING;
                if (hasOne || !isText) name.fail();
                hasOne = true;
                commonName = value.number();
            }
            place = set.end();
        }
        if (!hasOne) name.fail();
    }

    function _readKey(Certificate memory certificate, Element keyInfo) private pure {
        unchecked {
            uint256 place = keyInfo.content();
            bool isP256 = keyInfo.length() == EC_P256_POINT_BYTES + 64
                && Memory.word(place) >> (256 - 8 * EC_P256_POINT_BYTES) == EC_P256_POINT;
            if (!isP256) refuse("CERT_KEY");
            certificate.x = Memory.word(place + EC_P256_POINT_BYTES);
            certificate.y = Memory.word(place + EC_P256_POINT_BYTES + 32);
        }
    }

    function _readExtensions(Certificate memory certificate, Element list) private pure {
        unchecked {
            uint256[MAX_EXTENSIONS] memory seen;
            uint256 count;
            uint256 place = list.content();
            while (place != list.end()) {
                Element extension = list.childAt(place, SEQUENCE);
                place = extension.end();
                Element kind = extension.first(OID);
                Element value = extension.next(kind, ANY);
                uint256 name = kind.number();
                if (value.tag() == BOOLEAN) {
                    // DER leaves a default out: where the flag stands, it says true.
                    if (!value.boolean()) value.fail();
                    if (name != KEY_USAGE && name != BASIC_CONSTRAINTS) refuse("CERT_CRITICAL_EXT");
                    value = extension.next(value, ANY);
                }
                value.expect(OCTET_STRING);
                extension.close(value);
                if (count == MAX_EXTENSIONS) value.fail();
                for (uint256 i; i < count; ++i) {
                    if (seen[i] == name) refuse("CERT_DUP_EXT");
                }
                seen[count++] = name;
                if (name == KEY_USAGE) certificate.keyUsage = _readKeyUsage(value.only(BIT_STRING));
                else if (name == BASIC_CONSTRAINTS) certificate.isCa = _readIsCa(value.only(SEQUENCE));
                else if (name == SGX_EXTENSION) certificate.sgxExtension = value;
            }
        }
    }

    /// @dev One or two bytes of flags after the number of bits that do not count.
    function _readKeyUsage(Element flags) private pure returns (uint256) {
        uint256 word = Memory.word(flags.content());
        if (flags.length() < 2 || flags.length() > 3 || word >> 248 > 7) flags.fail();
        return (word >> 240) & 0xff;
    }

    function _readIsCa(Element constraints) private pure returns (bool) {
        if (constraints.isEmpty()) return false;
        Element isCa = constraints.first(BOOLEAN);
        if (constraints.hasNext(isCa)) {
            Element pathLength = constraints.next(isCa, INTEGER);
            pathLength.unsigned();
            constraints.close(pathLength);
        }
        return isCa.boolean();
    }
}
