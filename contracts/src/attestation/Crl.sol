// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ANY, BIT_STRING, BOOLEAN, Der, Element, GENERALIZED_TIME, INTEGER, SEQUENCE, UTC_TIME} from "./Der.sol";
import {P256} from "./P256.sol";
import {refuse} from "./Refusal.sol";
import {X509} from "./X509.sol";

/// A certificate revocation list, version 2 of Intel's profile (RFC 5280 §5).
struct Crl {
    /// What codes about it begin with. Set by who knows whose it has to be.
    bytes32 role;
    /// SHA-256 of what the issuer signed, and his signature.
    bytes32 signed;
    uint256 r;
    uint256 s;
    /// keccak256 of his distinguished name in DER.
    bytes32 issuer;
    /// Unix seconds. Both belong to the time in which the list is in force.
    uint256 thisUpdate;
    uint256 nextUpdate;
    /// What is revoked, `Der.NONE` where nothing is.
    Element entries;
}

using Crls for Crl global;

library Crls {
    /// No list of more than 16 MB can be read; gas ends far below, at some 1,700 entries (see Authorities.sol).
    function parse(bytes memory der) internal view returns (Crl memory crl) {
        Element whole = Der.open(der, "CRL_FORMAT", SEQUENCE);
        Element signed = whole.first(SEQUENCE);
        Element algorithm = whole.next(signed, SEQUENCE);
        Element signature = whole.next(algorithm, BIT_STRING);
        whole.close(signature);
        if (!X509.isEcdsaSha256(algorithm)) whole.fail();
        crl.signed = signed.sha();
        (crl.r, crl.s) = X509.readSignature(signature);
        _readFields(crl, signed);
    }

    /// @dev The list bears the signature of `issuer`'s key and is in force.
    function requireInForce(Crl memory crl, bytes32 issuer, uint256 x, uint256 y) internal view {
        if (crl.issuer != issuer) refuse(crl.role, "_ISSUER");
        if (!P256.verify(crl.signed, crl.r, crl.s, x, y)) refuse(crl.role, "_SIGNATURE");
        if (block.timestamp < crl.thisUpdate) refuse(crl.role, "_NOT_YET_VALID");
        if (block.timestamp > crl.nextUpdate) refuse(crl.role, "_EXPIRED");
    }

    /// @dev The serial number of the entry at `place`, and where the next one begins.
    function readEntry(Element entries, uint256 place) internal pure returns (bytes32 serial, uint256 next) {
        Element entry = entries.childAt(place, SEQUENCE);
        Element number = entry.first(INTEGER);
        // When it was revoked is of no consequence.
        Element date = entry.next(number, ANY);
        if (entry.hasNext(date)) {
            Element extensions = entry.next(date, SEQUENCE);
            _refuseCritical(extensions);
            entry.close(extensions);
        }
        return (bytes32(number.unsigned()), entry.end());
    }

    function _readFields(Crl memory crl, Element signed) private pure {
        Element field = signed.first(INTEGER);
        if (field.unsigned() != 1) field.fail();
        field = signed.next(field, SEQUENCE);
        if (!X509.isEcdsaSha256(field)) field.fail();
        field = signed.next(field, SEQUENCE);
        crl.issuer = field.keccak();
        field = signed.next(field, ANY);
        crl.thisUpdate = field.time();
        // Optional by RFC 5280, but a list without it could be replayed for ever.
        if (!_isTimeNext(signed, field)) refuse("CRL_NO_NEXT_UPDATE");
        field = signed.next(field, ANY);
        crl.nextUpdate = field.time();
        if (signed.hasNext(field)) {
            Element part = signed.next(field, ANY);
            if (part.tag() == SEQUENCE) {
                crl.entries = part;
                field = part;
            }
        }
        if (signed.hasNext(field)) {
            field = signed.next(field, 0xa0);
            _refuseCritical(field.only(SEQUENCE));
        }
        signed.close(field);
    }

    function _isTimeNext(Element signed, Element field) private pure returns (bool) {
        if (!signed.hasNext(field)) return false;
        uint256 tag = signed.next(field, ANY).tag();
        return tag == UTC_TIME || tag == GENERALIZED_TIME;
    }

    /// @dev A critical extension may say that the list is partial (delta, indirect, by distribution point): refused.
    function _refuseCritical(Element extensions) private pure {
        uint256 place = extensions.content();
        while (place != extensions.end()) {
            Element extension = extensions.childAt(place, SEQUENCE);
            Element name = extension.first(ANY);
            Element value = extension.next(name, ANY);
            if (name.tag() == BOOLEAN || value.tag() == BOOLEAN) extension.fail();
            extension.close(value);
            place = extension.end();
        }
    }
}
