// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Parameters} from "../types/Parameters.sol";
import {IAttestationVerifier} from "./IAttestationVerifier.sol";
import {IBeacon} from "./IBeacon.sol";
import {IKeyRegistry} from "./IKeyRegistry.sol";

/// @title What a deployment is
interface IEnigmaNetwork {
    /// @notice Said once, at deployment: the observers in the order in which `networkHash` has them.
    /// @param observers In the order of `networkHash`.
    /// @param threshold How many of them must have signed.
    /// @param depth Blocks that must stand on one they sign for.
    /// @param serial Tells networks apart that are alike otherwise.
    event ObserversSet(address[] observers, uint256 threshold, uint256 depth, uint256 serial);

    /// @notice The constructor was given something that the contract could not live with.
    /// @param reason What is wrong.
    error InvalidParameters(string reason);

    /// @notice What the deployment fixed for ever.
    /// @return As given at deployment.
    function parameters() external view returns (Parameters memory);
    /// @notice First block of epoch 0.
    /// @return The block's number.
    function genesisBlock() external view returns (uint256);
    /// @notice The epoch of this block.
    /// @return Its number, from 0 on.
    function currentEpoch() external view returns (uint256);
    /// @notice Where seeds come from.
    /// @return The beacon.
    function beacon() external view returns (IBeacon);
    /// @notice Who verifies quotes.
    /// @return The verifier.
    function attestationVerifier() external view returns (IAttestationVerifier);
    /// @notice Whether this network runs on simulated hardware. Nothing on it is private.
    /// @return Whether it does.
    function simulated() external view returns (bool);
    /// @notice keccak256(abi.encode(keccak256("enigma.network.v1"), chainId, enigma, observers[], t, depth, simulated, serial)), of the
    /// values that `ObserversSet` announced, or `IEnigmaObservers.ObserversAnnounced` those that came after. In force now: seats that
    /// a change is bringing or has left behind have another (`IKeyRegistry.networkHashOf`).
    /// @return The hash.
    function networkHash() external view returns (bytes32);
    /// @notice What the chain knows of the network secret, governor and guardian: the first contract that this one created.
    /// @return The registry.
    function keyRegistry() external view returns (IKeyRegistry);
    /// @notice Gwei that `operator` can withdraw besides its seats' credit: what seats that others have since taken held of it,
    /// and fees beyond what a seat's 48 bits of credit hold.
    /// @param operator Whose money it is.
    /// @return In gwei.
    function owedGwei(address operator) external view returns (uint256);
}
