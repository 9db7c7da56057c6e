// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BlsKey} from "../src/beacon/BlsKey.sol";
import {DrandBeacon} from "../src/beacon/DrandBeacon.sol";
import {BlockHeader} from "../src/libraries/BlockHeader.sol";
import {VectorReader} from "./support/Vectors.sol";
import {vm} from "./support/Vm.sol";

/// The seed from a round of drand: the vectors, two of which are real rounds of quicknet; schedules, and single bits.
contract DrandBeaconTest is VectorReader {
    uint256 private constant GAS = 5_000_000; // a precompile that refuses its input burns the gas it was given

    function setUp() public {
        open("drand");
        goTo("cases", 0);
    }

    function test_S6_drand_equalsEveryVector() public {
        for (uint256 i; goTo("cases", i); ++i) {
            DrandBeacon beacon = _deploy();
            uint64 round = beacon.roundAt(uint40(number("timestamp")));
            assertEq(round, number("round"), "round");
            assertEq(beacon.message(round), word("message"), "message");
            assertEq(beacon.seed(number("epoch"), word("anchor"), data("proof")), number("seed"), text("name"));
        }
    }

    function test_S6_drand_refusesEveryFailure() public {
        for (uint256 i; goTo("failures", i); ++i) {
            DrandBeacon beacon = _deploy();
            (bool ok, bytes memory answer) = address(beacon).staticcall{gas: GAS}(
                abi.encodeCall(beacon.seed, (number("epoch"), word("anchor"), data("proof")))
            );
            assertTrue(!ok, text("name"));
            assertEq(bytes32(bytes4(answer)), bytes32(_selectorOf(text("error"))), text("name"));
        }
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_S6_drand_revertsWhen_aByteOfTheProofDiffers(uint256 place, uint8 change) public {
        DrandBeacon beacon = _deploy();
        bytes memory forged = data("proof");
        place = bound(place, 0, forged.length - 1);
        forged[place] = forged[place] ^ bytes1(uint8(bound(change, 1, 255)));
        (uint256 epoch, bytes32 anchor) = (number("epoch"), word("anchor"));
        vm.expectRevert();
        beacon.seed{gas: GAS}(epoch, anchor, forged);
    }

    function test_S6_drand_twoEpochsContractsAndChainsOfOneRoundShareNoSeed() public {
        DrandBeacon beacon = _deploy();
        (uint256 epoch, bytes32 anchor, bytes memory proof) = (number("epoch"), word("anchor"), data("proof"));
        uint256 seed = beacon.seed(epoch, anchor, proof);
        assertTrue(beacon.seed(epoch + 1, anchor, proof) != seed, "epoch");
        assertTrue(_deployFor(address(this), 3, 30).seed(epoch, anchor, proof) != seed, "contract");
        vm.chainId(block.chainid + 1);
        assertTrue(beacon.seed(epoch, anchor, proof) != seed, "chain");
    }

    /// What the seed rests on: a round is never out before the delay has passed, and it is the first that is not.
    function testFuzz_S6_roundAt_isTheFirstAfterTheDelay(uint40 timestamp, uint32 period, uint32 delay) public {
        vm.assume(period != 0 && delay != 0);
        DrandBeacon beacon = _deployFor(address(this), period, delay);
        timestamp = uint40(bound(timestamp, beacon.genesisTime(), type(uint40).max));
        uint256 round = beacon.roundAt(timestamp);
        uint256 published = beacon.genesisTime() + (round - 1) * period;
        assertTrue(published >= uint256(timestamp) + delay, "published before the delay");
        assertTrue(published < uint256(timestamp) + delay + period, "not the first");
    }

    function test_S6_roundAt_revertsWhen_theNetworkHasNotBegun() public {
        DrandBeacon beacon = _deploy();
        uint256 genesis = beacon.genesisTime();
        assertEq(beacon.roundAt(uint40(genesis - 30)), 1, "first round");
        vm.expectRevert(abi.encodeWithSelector(DrandBeacon.BeforeGenesis.selector, genesis - 1, genesis));
        beacon.roundAt(uint40(genesis - 31));
    }

    function test_S6_constructor_revertsWhen_thereIsNoPeriodOrNoDelay() public {
        vm.expectRevert(abi.encodeWithSelector(DrandBeacon.InvalidSchedule.selector, 0, 30));
        this.deployWith(0, 30);
        vm.expectRevert(abi.encodeWithSelector(DrandBeacon.InvalidSchedule.selector, 3, 0));
        this.deployWith(3, 0);
    }

    function test_S6_constructor_revertsWhen_theKeyIsInfinity() public {
        vm.expectRevert(BlsKey.InvalidPublicKey.selector);
        new DrandBeacon(address(this), new bytes(256), 1, 3, 30);
    }

    function deployWith(uint32 period, uint32 delay) external {
        _deployFor(address(this), period, delay);
    }

    function _deploy() private returns (DrandBeacon beacon) {
        vm.chainId(number("chainId"));
        beacon = new DrandBeacon(
            addressOf("enigma"),
            data("publicKey"),
            uint64(number("genesisTime")),
            uint32(number("periodSeconds")),
            uint32(number("delaySeconds"))
        );
    }

    function _deployFor(address enigma, uint32 period, uint32 delay) private returns (DrandBeacon) {
        return new DrandBeacon(enigma, data("publicKey"), uint64(number("genesisTime")), period, delay);
    }

    function _selectorOf(string memory code) private pure returns (bytes4) {
        bytes32 hash = keccak256(bytes(code));
        if (hash == keccak256("INVALID_DRAND_SIGNATURE")) return DrandBeacon.InvalidSignature.selector;
        if (hash == keccak256("DRAND_BEFORE_GENESIS")) return DrandBeacon.BeforeGenesis.selector;
        if (hash == keccak256("DRAND_WRONG_HEADER")) return DrandBeacon.WrongHeader.selector;
        if (hash == keccak256("DRAND_PROOF_TOO_SHORT")) return DrandBeacon.ProofTooShort.selector;
        return BlockHeader.MalformedHeader.selector;
    }
}
