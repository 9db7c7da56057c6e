// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaSeats, SignedReceipt} from "../interfaces/IEnigmaSeats.sol";
import {Receipts} from "./Receipts.sol";

/// What proves a fault: that an enclave signed.
library Slashing {
    /// @dev The hashStruct of a receipt that `signer` signed, alone or in a batch.
    function requireSigned(bytes32 domain, bytes32 taskId, bytes32 anchor, SignedReceipt calldata signed, address signer)
        internal
        pure
        returns (bytes32 receipt)
    {
        receipt = Receipts.structHash(
            taskId, anchor, signed.codeHash, signed.inputsHash, signed.outputHash, signed.status
        );
        bytes32 digest = signed.batch.length == 0
            ? Receipts.typedDigest(domain, receipt)
            : Receipts.batchDigest(domain, _batchWith(signed, receipt));
        address recovered = Receipts.recover(digest, signed.r, signed.vs);
        if (recovered != signer) revert IEnigmaSeats.NotSeatSigner(recovered, signer);
    }

    function _batchWith(SignedReceipt calldata signed, bytes32 receipt) private pure returns (bytes32[] memory) {
        bool isMember = signed.index < signed.batch.length && signed.batch[signed.index] == receipt;
        if (!isMember) revert IEnigmaSeats.NotInBatch(receipt, signed.index);
        return signed.batch;
    }
}
