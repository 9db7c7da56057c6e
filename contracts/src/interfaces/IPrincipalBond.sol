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
    /// @param amount What was added, in wei.
    /// @param bond What it holds, in wei.
    /// @param fromEpoch The first epoch that is covered.
    event BondDeposited(uint256 amount, uint256 bond, uint256 fromEpoch);
    /// @notice An epoch that the beacon missed was paid for.
    /// @param epoch The epoch's number.
    /// @param claimer Who is paid.
    /// @param reward The claimer's half, in wei.
    /// @param burned The other half, in wei.
    event MissClaimed(uint256 indexed epoch, address indexed claimer, uint256 reward, uint256 burned);
    /// @notice Misses before `untilEpoch` still count.
    /// @param untilEpoch The first epoch that is not covered any more.
    event WithdrawalNoticed(uint256 untilEpoch);
    /// @notice What was left was paid out.
    /// @param to Who is paid.
    /// @param amount What was paid, in wei.
    event BondWithdrawn(address to, uint256 amount);

    /// @notice Only the operator deposits and withdraws.
    /// @param caller Who called.
    error NotOperator(address caller);
    /// @notice What the constructor refuses, and why.
    /// @param reason What is wrong.
    error InvalidBond(string reason);
    /// @notice The deposit was empty.
    error NothingDeposited();
    /// @notice The withdrawal has been noticed: deposit when it is over.
    /// @param untilEpoch The first epoch that is not covered any more.
    error WithdrawalUnderWay(uint256 untilEpoch);
    /// @notice Give notice first.
    error NoticeMissing();
    /// @notice Misses of the last epochs may still be claimed.
    /// @param fromEpoch When it may be.
    /// @param currentEpoch The epoch of this block.
    error WithdrawalTooEarly(uint256 fromEpoch, uint256 currentEpoch);
    /// @notice No bond is left.
    error NothingToWithdraw();
    /// @notice What is left is less than a penalty.
    /// @param bond What it holds, in wei.
    /// @param penalty That of one miss, in wei.
    error BondExhausted(uint256 bond, uint256 penalty);
    /// @notice The bond covers epochs from `fromEpoch` to before `untilEpoch`.
    /// @param epoch The epoch's number.
    /// @param fromEpoch The first epoch that is covered.
    /// @param untilEpoch The first epoch that is not covered any more.
    error EpochNotCovered(uint256 epoch, uint256 fromEpoch, uint256 untilEpoch);
    /// @notice A miss is paid once.
    /// @param epoch The epoch's number.
    error AlreadyClaimed(uint256 epoch);
    /// @notice The epoch started with the beacon's seed.
    /// @param epoch The epoch's number.
    error NotMissed(uint256 epoch);
    /// @notice The network takes its seeds from another beacon now, whose silence is not this operator's.
    /// @param beacon The beacon of now.
    error BeaconReplaced(IBeacon beacon);
    /// @notice The recipient refused the payment. Nothing was booked.
    /// @param to Who is paid.
    /// @param amount What was to be paid, in wei.
    error PaymentFailed(address to, uint256 amount);

    /// @notice Only the operator. Covers epochs from the next one on; more for a bond that stands already covers the same ones.
    function deposit() external payable;

    /**
     * @notice Claims the penalty for an epoch that started with a fallback seed. Anyone, once an epoch.
     * @dev Enigma keeps the latest 32 epochs, so that is how long there is to claim. One that nobody started is no miss: whoever
     * wants the penalty posts the fallback first. An epoch without seats never starts.
     * @param epoch The epoch's number.
     */
    function claim(uint256 epoch) external;

    /// @notice Only the operator. From the current epoch + NOTICE on no more misses count.
    function noticeWithdrawal() external;

    /// @notice Only the operator, CLAIM epochs after the last one covered: pays what is left.
    /// @param to Who is paid.
    function withdraw(address payable to) external;

    /* VIEWS */

    /// @notice The network that the bond answers to.
    /// @return The network.
    function enigma() external view returns (IEnigma);
    /// @notice Whose silence the bond answers for.
    /// @return The beacon that the network had at deployment.
    function beacon() external view returns (IBeacon);
    /// @notice Who deposits and withdraws.
    /// @return The operator.
    function operator() external view returns (address);
    /// @notice What one miss costs.
    /// @return In wei.
    function penalty() external view returns (uint256);
    /// @notice NOTICE: epochs from the notice of a withdrawal until misses count no more.
    /// @return How many.
    function noticeEpochs() external view returns (uint256);
    /// @notice What is left of the bond.
    /// @return In wei.
    function bond() external view returns (uint256);
    /// @notice Sent nowhere, ever.
    /// @return In wei.
    function burned() external view returns (uint256);
    /// @notice The epochs that the bond covers: from the first, to before the second.
    /// @return fromEpoch The first epoch covered.
    /// @return untilEpoch The first that is not covered any more.
    function covered() external view returns (uint256 fromEpoch, uint256 untilEpoch);
    /// @notice Whether an epoch's miss was paid for.
    /// @param epoch The epoch's number.
    /// @return Whether it was.
    function isClaimed(uint256 epoch) external view returns (bool);
}
