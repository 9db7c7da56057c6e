// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice An epoch, unpacked.
struct EpochView {
    /// 176 bits.
    uint256 seed;
    bool isFallback;
    /// Seats that existed before the boundary block (T); the lottery draws among these.
    uint256 seatCount;
    uint32 revokedMask;
    /// No task is taken that names it.
    bool isPaused;
    /// Steps of a quarter of a doubling by which the prices at deployment are multiplied; 32 is none: `quoteFee`.
    uint8 priceLevel;
}

/// @notice A requester's slot, unpacked.
struct SlotView {
    bool pending;
    /// A result waits to be delivered again, or abandoned.
    bool undelivered;
    /// Low 254 bits of the pending task's id, or of the undelivered result's hash; 0 if free.
    uint256 hashBits;
    /// Number of the next task in this slot; 0 if not free.
    uint64 seq;
    /// What the slot holds for the next task; 0 if not free (it then stands in the task's `rest`).
    uint64 balanceGwei;
}

/**
 * @title What stands of tasks and their epochs, for those who ask from outside
 * @notice Implemented in `EnigmaSeats.sol`.
 */
interface IEnigmaViews {
    /// @notice Reverts with `SeedNotPosted` where the epoch has none, or is too old.
    /// @param number The epoch's number.
    /// @return The epoch, unpacked.
    function epoch(uint256 number) external view returns (EpochView memory);
    /// @notice Over how many lotteries the dApp's tasks of this epoch are spread.
    /// @param dApp The dApp's address.
    /// @param epoch The epoch's number.
    /// @return 1 or more.
    function lanes(address dApp, uint256 epoch) external view returns (uint16);
    /// @notice Whether the dApp takes no task of an epoch with a fallback seed.
    /// @param dApp The dApp's address.
    /// @return Whether it does.
    function refusesFallback(address dApp) external view returns (bool);
    /// @notice Over which of the dApp's lotteries this task would fall.
    /// @param requester Whose slot it is.
    /// @param slot The slot's number, of this requester.
    /// @param seq The slot's seq.
    /// @param dApp The dApp's address.
    /// @param epoch The epoch's number.
    /// @return The lane, from 0 on.
    function laneOf(address requester, uint32 slot, uint64 seq, address dApp, uint256 epoch)
        external
        view
        returns (uint256);
    /// @notice The least fee at a base fee of `baseFeeWei`. In a call, pass the base fee: nodes set `block.basefee` to 0 there. At the prices of the
    /// current epoch or, before that has started, of the next to start; a request pays those of the epoch that it names.
    /// @param gasClass The computation may use 2^(16 + class) gas.
    /// @param callbackGas Gas of the callback.
    /// @param outputCap The most bytes of output.
    /// @param baseFeeWei Wei for a unit of gas.
    /// @return feeGwei In gwei.
    function quoteFee(uint8 gasClass, uint32 callbackGas, uint16 outputCap, uint256 baseFeeWei)
        external
        view
        returns (uint64 feeGwei);
    /// @notice What stands in a requester's slot.
    /// @param requester Whose slot it is.
    /// @param slot The slot's number, of this requester.
    /// @return The slot, unpacked.
    function slot(address requester, uint32 slot) external view returns (SlotView memory);
}
