// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigma} from "./IEnigma.sol";
import {IBeacon} from "./IBeacon.sol";

/**
 * @title The Principal's bond: what its silence costs it
 * @notice For each epoch that started with a fallback seed while the bond stood, anyone may claim once: half of a fixed penalty is the
 * caller's, half is burned. Beside the Enigma contract, which knows nothing of it; without an owner, and with nothing to change.
 * @dev A bond stands while it holds a penalty or more. It covers the epochs after the one of its deposit, and NOTICE epochs from the
 * notice of its withdrawal on. Amounts in wei.
 */
interface IPrincipalBond {
    /// @notice The bond stands, or stands higher; misses count from `fromEpoch` on.
    event BondDeposited(uint256 amount, uint256 bond, uint256 fromEpoch);
    event MissClaimed(uint256 indexed epoch, address indexed claimer, uint256 reward, uint256 burned);
    /// @notice Misses before `untilEpoch` still count.
    event WithdrawalNoticed(uint256 untilEpoch);
    event BondWithdrawn(address to, uint256 amount);

    /// @notice Only the operator deposits and withdraws.
    error NotOperator(address caller);
    /// @notice What the constructor refuses, and why.
    error InvalidBond(string reason);
    error NothingDeposited();
    /// @notice The withdrawal has been noticed: deposit when it is over.
    error WithdrawalUnderWay(uint256 untilEpoch);
    /// @notice Give notice first.
    error NoticeMissing();
    /// @notice Misses of the last epochs may still be claimed.
    error WithdrawalTooEarly(uint256 fromEpoch, uint256 currentEpoch);
    error NothingToWithdraw();
    /// @notice What is left is less than a penalty.
    error BondExhausted(uint256 bond, uint256 penalty);
    /// @notice The bond covers epochs from `fromEpoch` to before `untilEpoch`.
    error EpochNotCovered(uint256 epoch, uint256 fromEpoch, uint256 untilEpoch);
    error AlreadyClaimed(uint256 epoch);
    /// @notice The epoch started with the beacon's seed.
    error NotMissed(uint256 epoch);
    /// @notice The network takes its seeds from another beacon now, whose silence is not this operator's.
    error BeaconReplaced(IBeacon beacon);
    /// @notice The recipient refused the payment. Nothing was booked.
    error PaymentFailed(address to, uint256 amount);

    /// @notice Only the operator. Covers epochs from the next one on; more for a bond that stands already covers the same ones.
    function deposit() external payable;

    /**
     * @notice Claims the penalty for an epoch that started with a fallback seed. Anyone, once an epoch.
     * @dev Enigma keeps the latest 32 epochs, so that is how long there is to claim. One that nobody started is no miss: whoever
     * wants the penalty posts the fallback first. An epoch without seats never starts.
     */
    function claim(uint256 epoch) external;

    /// @notice Only the operator. From the current epoch + NOTICE on no more misses count.
    function noticeWithdrawal() external;

    /// @notice Only the operator, CLAIM epochs after the last one covered: pays what is left.
    function withdraw(address payable to) external;

    /* VIEWS */

    function enigma() external view returns (IEnigma);
    /// @notice Whose silence the bond answers for.
    function beacon() external view returns (IBeacon);
    function operator() external view returns (address);
    function penalty() external view returns (uint256);
    function noticeEpochs() external view returns (uint256);
    function bond() external view returns (uint256);
    /// @notice Sent nowhere, ever.
    function burned() external view returns (uint256);
    /// @notice The epochs that the bond covers: from the first, to before the second.
    function covered() external view returns (uint256 fromEpoch, uint256 untilEpoch);
    function isClaimed(uint256 epoch) external view returns (bool);
}
