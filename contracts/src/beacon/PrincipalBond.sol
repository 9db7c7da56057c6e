// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBeacon} from "../interfaces/IBeacon.sol";
import {IEnigma} from "../interfaces/IEnigma.sol";
import {IPrincipalBond} from "../interfaces/IPrincipalBond.sol";
import {EPOCHS_KEPT} from "../types/Epoch.sol";

/**
 * What each function promises stands in IPrincipalBond.
 *
 * Whoever reads for the money: wei come in through `deposit`, go out through `_pay`, and what is burned stays. The balance is never
 * below `bond + burned`.
 */
contract PrincipalBond is IPrincipalBond {
    /// Epochs that follow the last one covered before what is left may leave: as long as Enigma tells how that one started.
    uint256 private constant CLAIM_EPOCHS = EPOCHS_KEPT;
    /// As many as Enigma's words of seats and epochs can count.
    uint256 private constant MOST_NOTICE_EPOCHS = 1 << 20;
    uint256 private constant NO_NOTICE = type(uint256).max;

    IEnigma public immutable enigma;
    IBeacon public immutable beacon;
    address public immutable operator;
    uint256 public immutable penalty;
    uint256 public immutable noticeEpochs;

    uint256 public bond;
    uint256 public burned;
    uint256 private _fromEpoch;
    uint256 private _untilEpoch = NO_NOTICE;
    mapping(uint256 epoch => bool) public isClaimed;

    /// @param operator_ Alone pays in and out.
    /// @param penalty_ Wei of one miss; even, so that it has two halves.
    /// @param noticeEpochs_ From the notice of a withdrawal until misses count no more.
    /// @param enigma_ The network that it answers to.
    constructor(IEnigma enigma_, address operator_, uint256 penalty_, uint256 noticeEpochs_) {
        _requireSound(address(enigma_).code.length != 0, "enigma is not a contract");
        _requireSound(operator_ != address(0), "operator is zero");
        _requireSound(penalty_ != 0 && penalty_ % 2 == 0, "penalty is zero or odd");
        _requireSound(noticeEpochs_ != 0 && noticeEpochs_ <= MOST_NOTICE_EPOCHS, "noticeEpochs is not 1 to 2^20");
        (enigma, beacon, operator) = (enigma_, enigma_.beacon(), operator_);
        (penalty, noticeEpochs) = (penalty_, noticeEpochs_);
    }

    modifier onlyOperator() {
        if (msg.sender != operator) revert NotOperator(msg.sender);
        _;
    }

    function deposit() external payable onlyOperator {
        if (msg.value == 0) revert NothingDeposited();
        if (_untilEpoch != NO_NOTICE) revert WithdrawalUnderWay(_untilEpoch);
        // Not the current one, whose cut may have passed: what was missed while no bond stood stays free.
        if (bond < penalty) _fromEpoch = enigma.currentEpoch() + 1;
        bond += msg.value;
        emit BondDeposited(msg.value, bond, _fromEpoch);
    }

    function claim(uint256 epoch) external {
        if (bond < penalty) revert BondExhausted(bond, penalty);
        if (epoch < _fromEpoch || epoch >= _untilEpoch) revert EpochNotCovered(epoch, _fromEpoch, _untilEpoch);
        if (isClaimed[epoch]) revert AlreadyClaimed(epoch);
        IBeacon current = enigma.beacon();
        if (address(current) != address(beacon)) revert BeaconReplaced(current);
        if (!enigma.epoch(epoch).isFallback) revert NotMissed(epoch);

        isClaimed[epoch] = true;
        uint256 reward = penalty / 2;
        bond -= penalty;
        burned += penalty - reward;
        emit MissClaimed(epoch, msg.sender, reward, penalty - reward);
        _pay(payable(msg.sender), reward);
    }

    function noticeWithdrawal() external onlyOperator {
        if (bond == 0) revert NothingToWithdraw();
        if (_untilEpoch != NO_NOTICE) revert WithdrawalUnderWay(_untilEpoch);
        _untilEpoch = enigma.currentEpoch() + noticeEpochs;
        emit WithdrawalNoticed(_untilEpoch);
    }

    function withdraw(address payable to) external onlyOperator {
        if (_untilEpoch == NO_NOTICE) revert NoticeMissing();
        uint256 current = enigma.currentEpoch();
        uint256 opensIn = _untilEpoch + CLAIM_EPOCHS;
        if (current < opensIn) revert WithdrawalTooEarly(opensIn, current);

        uint256 left = bond;
        (bond, _untilEpoch) = (0, NO_NOTICE);
        emit BondWithdrawn(to, left);
        _pay(to, left);
    }

    function covered() external view returns (uint256 fromEpoch, uint256 untilEpoch) {
        return (_fromEpoch, _untilEpoch);
    }

    /// @dev Callers have booked the amount off.
    function _pay(address payable to, uint256 amount) private {
        (bool ok,) = to.call{value: amount}("");
        if (!ok) revert PaymentFailed(to, amount);
    }

    function _requireSound(bool condition, string memory reason) private pure {
        if (!condition) revert InvalidBond(reason);
    }
}
