// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEnigmaGovernance} from "./IEnigmaGovernance.sol";
import {IEnigmaNetwork} from "./IEnigmaNetwork.sol";
import {IEnigmaDapps} from "./IEnigmaDapps.sol";
import {IEnigmaObservers} from "./IEnigmaObservers.sol";
import {IEnigmaSeats} from "./IEnigmaSeats.sol";
import {IEnigmaTasks} from "./IEnigmaTasks.sol";
import {IEnigmaViews} from "./IEnigmaViews.sol";

/**
 * @title The Enigma contract
 * @notice Registers workers by their hardware quote, keeps each epoch's seed, takes tasks with their fee, and settles
 * results that the selected worker's enclave signed. These interfaces are the manual; the implementations are `Enigma.sol` and
 * `EnigmaSeats.sol`, both under Enigma's address.
 *
 * Money is native ETH in whole gwei. Every wei that came in through a function is in exactly one of: a slot's balance, a
 * pending task's fee and rest, an undelivered result's rest, a seat's credit, a seat's bond, its join fee, an account's
 * `owedGwei`, what was burned.
 */
interface IEnigma is IEnigmaNetwork, IEnigmaTasks, IEnigmaDapps, IEnigmaSeats, IEnigmaGovernance, IEnigmaObservers, IEnigmaViews {}
