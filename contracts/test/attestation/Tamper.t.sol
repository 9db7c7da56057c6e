// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DcapVerifier} from "../../src/attestation/DcapVerifier.sol";
import {Forger} from "./Forger.sol";
import {Parts} from "./Parts.sol";

/// No byte can change, go or come without a refusal, and nothing but a refusal ever comes of it.
contract DcapTamperTest is Forger {
    // The length of the signature data, which counts certification data that a bare quote leaves out: nothing signs it.
    uint256 private constant UNSIGNED_FROM = 432;
    uint256 private constant UNSIGNED_TO = 436;

    DcapVerifier private verifier;
    DcapVerifier private empty;

    function setUp() public {
        (verifier, empty) = (filled(), deploy());
    }

    function test_S17_everyByteOfTheQuoteCounts() public view {
        bytes memory quote = base.quote;
        for (uint256 i; i < quote.length; ++i) {
            if (i == UNSIGNED_FROM) i = UNSIGNED_TO;
            quote[i] = ~quote[i];
            _requireRefusal(quote, base.leaf);
            quote[i] = ~quote[i];
        }
    }

    function test_S17_everyByteOfTheLeafCounts() public view {
        bytes memory leaf = base.leaf;
        for (uint256 i; i < leaf.length; ++i) {
            leaf[i] ^= 0x01;
            _requireRefusal(base.quote, leaf);
            leaf[i] ^= 0x01;
        }
    }

    function test_S17_quoteAndLeafCountInFullLength() public view {
        bytes memory quote = base.quote;
        for (uint256 i; i < quote.length; ++i) {
            _requireRefusal(_cut(quote, i), base.leaf);
        }
        _requireRefusal(bytes.concat(quote, hex"00"), base.leaf);
        bytes memory leaf = base.leaf;
        for (uint256 i; i < leaf.length; ++i) {
            _requireRefusal(quote, _cut(leaf, i));
        }
        _requireRefusal(quote, bytes.concat(leaf, hex"00"));
    }

    function test_S17_everyByteOfTheRootCrlCounts() public {
        _tamper(0);
    }

    function test_S17_everyByteOfThePckCaCounts() public {
        _tamper(1);
    }

    function test_S17_everyByteOfThePckCrlCounts() public {
        _tamper(2);
    }

    function test_S17_everyByteOfTheTcbSignerCounts() public {
        _tamper(3);
    }

    function test_S17_everyByteOfTheTcbInfoCounts() public {
        _tamper(4);
    }

    function test_S17_everyByteOfTheQeIdentityCounts() public {
        _tamper(5);
    }

    /// @dev Garbage in a document that is signed all the same: the reader itself has to be sound.
    function testFuzz_S18_signedTcbInfoIsAcceptedOrRefused(uint256 place, bytes calldata garbage) public {
        bytes memory text = _overwritten(base.tcbInfo, place, garbage);
        setUpTo(4);
        try this.setPart(Parts(0, "", "", "", "", text, signed(text), "", "", "", ""), 4) {}
        catch (bytes memory reason) {
            codeOf(reason);
        }
    }

    function testFuzz_S18_signedQeIdentityIsAcceptedOrRefused(uint256 place, bytes calldata garbage) public {
        bytes memory text = _overwritten(base.qeIdentity, place, garbage);
        setUpTo(5);
        try this.setPart(Parts(0, "", "", "", "", "", "", text, signed(text), "", ""), 5) {}
        catch (bytes memory reason) {
            codeOf(reason);
        }
    }

    /// @dev The same for a leaf that the CA signed, and for a list.
    function testFuzz_S18_signedLeafIsAcceptedOrRefused(uint256 place, bytes calldata garbage) public view {
        // Behind the headers of the certificate and of what is signed.
        bytes memory leaf = _overwrittenFrom(base.leaf, 8, place, garbage);
        try verifier.verify(base.quote, reissued(leaf, CA), 0) {}
        catch (bytes memory reason) {
            codeOf(reason);
        }
    }

    function testFuzz_S18_signedCrlIsAcceptedOrRefused(uint256 place, bytes calldata garbage) public {
        bytes memory list = _overwrittenFrom(base.rootCrl, 8, place, garbage);
        try this.setPart(Parts(0, reissued(list, ROOT), "", "", "", "", "", "", "", "", ""), 0) {}
        catch (bytes memory reason) {
            codeOf(reason);
        }
    }

    function testFuzz_S18_garbageIsRefused(bytes calldata quote, bytes calldata evidence, bytes32 known) public view {
        _requireRefusal(quote, evidence);
        _requireRefusal(base.quote, evidence);
        _requireRefusal(quote, base.leaf);
        try verifier.recheck(evidence) {}
        catch (bytes memory reason) {
            codeOf(reason);
        }
        try verifier.recheck(abi.encode(quote.length, evidence.length, known, known, known, known)) {}
        catch (bytes memory reason) {
            codeOf(reason);
        }
    }

    function testFuzz_S18_collateralOfGarbageIsRefused(bytes calldata garbage, uint256 part) public {
        part = bound(part, 0, SETTERS - 1);
        setUpTo(part);
        bytes memory signature = bytes.concat(keccak256(garbage), sha256(garbage));
        Parts memory parts = Parts({
            at_: base.at_,
            rootCrl: garbage,
            pckCa: garbage,
            pckCrl: garbage,
            tcbSigner: garbage,
            tcbInfo: garbage,
            tcbInfoSignature: signature,
            qeIdentity: garbage,
            qeIdentitySignature: signature,
            quote: "",
            leaf: ""
        });
        _requirePartRefused(parts, part);
    }

    function setPart(Parts memory parts, uint256 i) external {
        set(empty, parts, i);
    }

    /// @dev Fills the empty verifier with all that comes before part `i`.
    function setUpTo(uint256 i) private {
        for (uint256 j; j < i; ++j) {
            set(empty, base, j);
        }
    }

    /// @dev Each byte turned, each length, and one byte more.
    function _tamper(uint256 i) private {
        setUpTo(i);
        Parts memory parts = base;
        bytes memory data = i == 0
            ? parts.rootCrl
            : i == 1
                ? parts.pckCa
                : i == 2 ? parts.pckCrl : i == 3 ? parts.tcbSigner : i == 4 ? parts.tcbInfo : parts.qeIdentity;
        _flipAll(parts, i, data);
        if (i >= 4) _flipAll(parts, i, i == 4 ? parts.tcbInfoSignature : parts.qeIdentitySignature);
        uint256 length = data.length;
        for (uint256 j; j < length; ++j) {
            assembly {
                mstore(data, j)
            }
            _requirePartRefused(parts, i);
        }
        assembly {
            mstore(data, length)
        }
        this.setPart(parts, i);
    }

    function _flipAll(Parts memory parts, uint256 i, bytes memory data) private {
        for (uint256 j; j < data.length; ++j) {
            data[j] ^= 0x01;
            _requirePartRefused(parts, i);
            data[j] ^= 0x01;
        }
    }

    function _requirePartRefused(Parts memory parts, uint256 i) private {
        uint256 free = _freeMemory();
        try this.setPart(parts, i) {
            revert NotTrue("a tampered part is refused");
        } catch (bytes memory reason) {
            codeOf(reason);
        }
        _setFreeMemory(free);
    }

    function _requireRefusal(bytes memory quote, bytes memory evidence) private view {
        uint256 free = _freeMemory();
        try verifier.verify(quote, evidence, 0) {
            revert NotTrue("tampered input is refused");
        } catch (bytes memory reason) {
            codeOf(reason);
        }
        _setFreeMemory(free);
    }

    function _overwritten(bytes memory data, uint256 place, bytes memory by) private pure returns (bytes memory) {
        return _overwrittenFrom(data, 0, place, by);
    }

    function _overwrittenFrom(bytes memory data, uint256 least, uint256 place, bytes memory by)
        private
        pure
        returns (bytes memory)
    {
        place = bound(place, least, data.length - 1);
        for (uint256 i; i < by.length && i < 8 && place + i < data.length; ++i) {
            data[place + i] = by[i];
        }
        return data;
    }

    function _cut(bytes memory data, uint256 length) private pure returns (bytes memory cut) {
        cut = new bytes(length);
        for (uint256 i; i < length; i += 32) {
            assembly {
                mcopy(add(add(cut, 32), i), add(add(data, 32), i), 32)
            }
        }
        assembly {
            mstore(cut, length)
        }
    }
}
