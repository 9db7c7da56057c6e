// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SignedVerdictVerifier} from "../src/attestation/SignedVerdictVerifier.sol";
import {Attestation} from "../src/interfaces/IAttestationVerifier.sol";
import {Base} from "./support/Base.sol";
import {vm} from "./support/Vm.sol";

/// A quote is believed because the Attestation service signed that it verified it, and says what its own bytes say.
contract SignedVerdictVerifierTest is Base {
    bytes32 private constant MRENCLAVE = keccak256("mrenclave");
    bytes32 private constant IDENTITY = keccak256("identity");
    bytes32 private constant FRESHNESS = keccak256("freshness");
    uint64 private constant VALID_UNTIL = 2_000_000_000;

    SignedVerdictVerifier private verifier = new SignedVerdictVerifier(account("attester"));

    function test_verify_readsTheQuote() public view {
        bytes memory quote = _quote();
        Attestation memory found = verifier.verify(quote, _evidence(quote, VALID_UNTIL));
        assertEq(found.measurement, MRENCLAVE, "measurement");
        assertEq(found.identity, IDENTITY, "identity");
        assertEq(found.freshness, FRESHNESS, "freshness");
        assertEq(found.validUntil, VALID_UNTIL, "validUntil");
    }

    function testFuzz_S17_verify_revertsWhen_aByteOfTheQuoteDiffers(uint256 place, uint8 change) public {
        bytes memory quote = _quote();
        bytes memory evidence = _evidence(quote, VALID_UNTIL);
        place = bound(place, 0, quote.length - 1);
        quote[place] = quote[place] ^ bytes1(uint8(bound(change, 1, 255)));
        vm.expectRevert();
        verifier.verify(quote, evidence);
    }

    function testFuzz_S17_verify_revertsWhen_aByteOfTheEvidenceDiffers(uint256 place, uint8 change) public {
        bytes memory quote = _quote();
        bytes memory evidence = _evidence(quote, VALID_UNTIL);
        place = bound(place, 0, evidence.length - 1);
        evidence[place] = evidence[place] ^ bytes1(uint8(bound(change, 1, 255)));
        vm.expectRevert();
        verifier.verify(quote, evidence);
    }

    function test_S15_verify_revertsWhen_theEnclaveIsInDebugMode() public {
        bytes memory quote = _quote();
        quote[96] = 0x07; // INIT, DEBUG, MODE64BIT
        bytes memory evidence = _evidence(quote, VALID_UNTIL);
        vm.expectRevert(SignedVerdictVerifier.DebugEnclave.selector);
        verifier.verify(quote, evidence);
    }

    function test_verify_revertsWhen_theQuoteIsOfAnotherKind() public {
        bytes8[4] memory headers = [
            bytes8(hex"0400020000000000"), // version 4
            bytes8(hex"0300030000000000"), // another attestation key
            bytes8(hex"0300020081000000"), // TDX
            bytes8(hex"0003020000000000") // big-endian
        ];
        for (uint256 i; i < headers.length; ++i) {
            bytes memory quote = _quote();
            for (uint256 j; j < 8; ++j) {
                quote[j] = headers[i][j];
            }
            bytes memory evidence = _evidence(quote, VALID_UNTIL);
            vm.expectRevert(abi.encodeWithSelector(SignedVerdictVerifier.UnsupportedQuote.selector, headers[i]));
            verifier.verify(quote, evidence);
        }
    }

    function test_verify_revertsWhen_theQuoteIsTooShort() public {
        bytes memory quote = new bytes(431);
        bytes memory evidence = _evidence(quote, VALID_UNTIL);
        vm.expectRevert(abi.encodeWithSelector(SignedVerdictVerifier.QuoteTooShort.selector, 431, 432));
        verifier.verify(quote, evidence);
    }

    function test_verify_revertsWhen_theEvidenceHasAnotherLength() public {
        bytes memory quote = _quote();
        bytes memory evidence = bytes.concat(_evidence(quote, VALID_UNTIL), hex"00");
        vm.expectRevert(abi.encodeWithSelector(SignedVerdictVerifier.WrongEvidenceLength.selector, 97, 96));
        verifier.verify(quote, evidence);
        vm.expectRevert(abi.encodeWithSelector(SignedVerdictVerifier.WrongEvidenceLength.selector, 0, 96));
        verifier.verify(quote, "");
    }

    function test_verify_revertsWhen_anotherServiceSigned() public {
        bytes memory quote = _quote();
        bytes memory evidence = _evidence("stranger", address(verifier), block.chainid, quote, VALID_UNTIL);
        vm.expectRevert(
            abi.encodeWithSelector(SignedVerdictVerifier.NotAttester.selector, account("stranger"), account("attester"))
        );
        verifier.verify(quote, evidence);
    }

    function test_S2_verify_revertsWhen_theVerdictIsForAnotherVerifierOrChain() public {
        bytes memory quote = _quote();
        bytes memory evidence = _evidence("attester", address(this), block.chainid, quote, VALID_UNTIL);
        vm.expectRevert();
        verifier.verify(quote, evidence);
        evidence = _evidence("attester", address(verifier), block.chainid + 1, quote, VALID_UNTIL);
        vm.expectRevert();
        verifier.verify(quote, evidence);
    }

    function test_constructor_revertsWhen_nobodyAttests() public {
        vm.expectRevert(SignedVerdictVerifier.ZeroAttester.selector);
        new SignedVerdictVerifier(address(0));
    }

    /// @dev Version 3, SGX; a body with attributes INIT and MODE64BIT; 100 bytes of signature data.
    function _quote() private pure returns (bytes memory quote) {
        quote = new bytes(48 + 384 + 100);
        (quote[0], quote[2], quote[96]) = (0x03, 0x02, 0x05);
        bytes32[3] memory values = [MRENCLAVE, IDENTITY, FRESHNESS];
        uint16[3] memory offsets = [48 + 64, 48 + 320, 48 + 352];
        for (uint256 i; i < 3; ++i) {
            for (uint256 j; j < 32; ++j) {
                quote[offsets[i] + j] = values[i][j];
            }
        }
    }

    function _evidence(bytes memory quote, uint64 validUntil) private view returns (bytes memory) {
        return _evidence("attester", address(verifier), block.chainid, quote, validUntil);
    }

    function _evidence(
        string memory signer,
        address verifyingContract,
        uint256 chainId,
        bytes memory quote,
        uint64 validUntil
    ) private pure returns (bytes memory) {
        bytes32 domainType = keccak256(
            "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
        );
        bytes32 domain = keccak256(
            abi.encode(domainType, keccak256("Enigma Attestation"), keccak256("1"), chainId, verifyingContract)
        );
        bytes32 verdict = keccak256(
            abi.encode(keccak256("Verdict(bytes32 quoteHash,uint64 validUntil)"), keccak256(quote), validUntil)
        );
        (bytes32 r, bytes32 vs) = vm.signCompact(key(signer), keccak256(abi.encodePacked(hex"1901", domain, verdict)));
        return abi.encode(validUntil, r, vs);
    }
}
