// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigma} from "../../src/interfaces/IEnigma.sol";
import {IEnigmaDapp, PrefetchRange} from "../../src/interfaces/IEnigmaDapp.sol";

/// Remembers what it is told. Checks nothing.
contract PlainDapp is IEnigmaDapp {
    bytes32 public taskId;
    bytes4 public callable;
    bytes public output;
    uint8 public failure;
    uint256 public calls;

    function compute() external pure returns (uint256) {
        return 1;
    }

    function enigmaCallback(bytes4) external pure returns (bytes4) {
        return 0;
    }

    function enigmaPrefetch(bytes4) external pure returns (PrefetchRange[] memory ranges) {}

    function onEnigmaResult(bytes32 taskId_, bytes4 callable_, bytes calldata output_) public virtual {
        (taskId, callable, output) = (taskId_, callable_, output_);
        ++calls;
    }

    function onEnigmaFailure(bytes32 taskId_, bytes4 callable_, uint8 status) public virtual {
        (taskId, callable, failure) = (taskId_, callable_, status);
        ++calls;
    }
}

enum Mischief {
    None,
    Revert,
    RevertWithMegabyte,
    ReturnMegabyte,
    BurnGas,
    Reenter
}

/// Does to its caller what a hostile dApp would, as it is told beforehand.
contract HostileDapp is IEnigmaDapp {
    IEnigma public immutable enigma;
    Mischief public mischief;
    bytes public call;
    uint256 public callValue;
    bool public callSucceeded;
    bytes public callAnswer;
    uint256 public gasSeen;

    constructor(IEnigma enigma_) {
        enigma = enigma_;
    }

    receive() external payable {}

    function plan(Mischief mischief_) external {
        mischief = mischief_;
    }

    function planCall(bytes calldata call_, uint256 value) external {
        mischief = Mischief.Reenter;
        call = call_;
        callValue = value;
    }

    function enigmaCallback(bytes4) external pure returns (bytes4) {
        return 0;
    }

    function enigmaPrefetch(bytes4) external pure returns (PrefetchRange[] memory ranges) {}

    function onEnigmaResult(bytes32, bytes4, bytes calldata) external {
        _act();
    }

    function onEnigmaFailure(bytes32, bytes4, uint8) external {
        _act();
    }

    function _act() private {
        uint256 gasAtStart = gasleft();
        if (mischief == Mischief.Revert) revert("no");
        if (mischief == Mischief.RevertWithMegabyte) {
            assembly {
                revert(0, 1000000)
            }
        }
        if (mischief == Mischief.ReturnMegabyte) {
            assembly {
                return(0, 1000000)
            }
        }
        if (mischief == Mischief.BurnGas) while (true) gasSeen = gasleft();
        if (mischief == Mischief.Reenter) {
            (callSucceeded, callAnswer) = address(enigma).call{value: callValue}(call);
        }
        gasSeen = gasAtStart;
    }
}
