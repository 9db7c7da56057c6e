// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attestation} from "../src/interfaces/IAttestationVerifier.sol";
import {IEnigmaSeats, SeatView} from "../src/interfaces/IEnigmaSeats.sol";
import {Parameters} from "../src/types/Parameters.sol";
import {LAST_EPOCH} from "../src/types/Seat.sol";
import {vm} from "./support/Vm.sol";
import {World} from "./support/World.sol";

/// SEATS: how long a quote is good for, given how long what stands behind it is.
contract LifetimeTest is World {
    function test_S16_takeSeat_endsWithTheCertificate_withoutGrace() public {
        Attestation memory found = _found();
        found.certificateUntil = uint64(block.timestamp + 299); // four whole epochs
        _take(found);
        assertEq(enigma.seat(0).exitEpoch, 4, "exit");
    }

    function test_S16_takeSeat_endsWithWhicheverEndsFirst() public {
        Parameters memory p = parameters();
        p.collateralGraceSeconds = 120;
        enigma = deploy(p);
        Attestation memory found = _found();
        found.collateralUntil = uint64(block.timestamp + 180); // five epochs with its grace
        found.certificateUntil = uint64(block.timestamp + 300); // five
        _take(found);
        assertEq(enigma.seat(0).exitEpoch, 5, "both");
        found.certificateUntil -= 1;
        _take(found);
        assertEq(enigma.seat(1).exitEpoch, 4, "the certificate");
        (found.certificateUntil, found.collateralUntil) = (found.certificateUntil + 1, found.collateralUntil - 1);
        _take(found);
        assertEq(enigma.seat(2).exitEpoch, 4, "the collateral");
    }

    function test_S16_takeSeat_revertsWhen_aCertificateHasExpired() public {
        Attestation memory found = _found();
        found.certificateUntil = uint64(block.timestamp - 1);
        vm.expectRevert(
            abi.encodeWithSelector(IEnigmaSeats.CollateralExpired.selector, block.timestamp - 1, block.timestamp)
        );
        this.take(found);
    }

    function test_S16_renewSeat_revertsWhen_aCertificateHasExpired() public {
        _take(_found());
        Attestation memory found = _found();
        found.certificateUntil = uint64(block.timestamp - 1);
        vm.prank(operator);
        vm.expectRevert(
            abi.encodeWithSelector(IEnigmaSeats.CollateralExpired.selector, block.timestamp - 1, block.timestamp)
        );
        enigma.renewSeat(0, INPUT_KEY, block.number - 1, abi.encode(found), LEAF);
    }

    function test_S16_takeSeat_revertsWhen_theCertificateEndsBeforeTheSeatIsActive() public {
        Attestation memory found = _found();
        found.certificateUntil = uint64(block.timestamp + 179); // two whole epochs
        vm.expectRevert(abi.encodeWithSelector(IEnigmaSeats.NeverLive.selector, 2, 2));
        this.take(found);
    }

    /// Whatever a verifier answers and however long epochs are: refused with a reason, or an exit that nothing outlives.
    function testFuzz_S16_takeSeat_outlivesNothing(
        uint64 collateralUntil,
        uint64 certificateUntil,
        uint32 graceSeconds,
        uint32 secondsPerEpoch,
        uint24 lifeEpochs,
        uint24 startEpoch_
    ) public {
        Parameters memory p = parameters();
        p.collateralGraceSeconds = graceSeconds;
        p.secondsPerEpoch = uint32(bound(secondsPerEpoch, 1, type(uint32).max));
        p.lifeEpochs = uint24(bound(lifeEpochs, 3, type(uint24).max));
        enigma = deploy(p);
        uint256 current = bound(startEpoch_, 0, startEpoch_ % 2 == 0 ? LAST_EPOCH : 100);
        goToEpoch(current);
        Attestation memory found = _found();
        (collateralUntil, certificateUntil) = (_date(collateralUntil), _date(certificateUntil));
        (found.collateralUntil, found.certificateUntil) = (collateralUntil, certificateUntil);

        try this.take(found) {
            SeatView memory seat = enigma.seat(0);
            uint256 lastSecond = block.timestamp + (seat.exitEpoch - current) * p.secondsPerEpoch;
            assertTrue(seat.exitEpoch > seat.activeEpoch, "live in some epoch");
            assertTrue(seat.exitEpoch <= current + p.lifeEpochs, "within LIFE");
            assertTrue(seat.exitEpoch <= LAST_EPOCH, "within its bits");
            assertTrue(lastSecond <= certificateUntil, "within the certificates");
            assertTrue(lastSecond <= uint256(collateralUntil) + graceSeconds, "within the collateral and its grace");
        } catch (bytes memory reason) {
            bool isExpired = collateralUntil < block.timestamp || certificateUntil < block.timestamp;
            bytes4 expected = isExpired ? IEnigmaSeats.CollateralExpired.selector : IEnigmaSeats.NeverLive.selector;
            assertEq(bytes32(bytes4(reason)), bytes32(expected), "refused with another error");
        }
    }

    /// Near now, where it matters.
    function testFuzz_S16_takeSeat_lastsAsLongAsItMay(uint32 collateralSeconds, uint32 certificateSeconds) public {
        Attestation memory found = _found();
        found.collateralUntil = uint64(block.timestamp + bound(collateralSeconds, 0, 10_000));
        found.certificateUntil = uint64(block.timestamp + bound(certificateSeconds, 180, 10_000));
        _take(found);
        uint256 epochs = (found.certificateUntil - block.timestamp) / 60; // the collateral's grace is a day
        assertEq(enigma.seat(0).exitEpoch, epochs < 20 ? epochs : 20, "exit");
    }

    /// @dev Three in four not long from now, or a moment ago; the others anything at all.
    function _date(uint64 choice) private view returns (uint64) {
        return choice % 4 == 0 ? choice : uint64(block.timestamp - 10 + choice / 4 % (1 << choice % 32));
    }

    /* HELPERS, external where a revert is expected */

    function take(Attestation calldata found) external {
        _take(found);
    }

    function _take(Attestation memory found) private {
        vm.prank(operator);
        enigma.takeSeat{value: 1 ether}(0, account("alice"), INPUT_KEY, block.number - 1, abi.encode(found), LEAF);
    }

    function _found() private view returns (Attestation memory) {
        return attestation(operator, account("alice"), block.number - 1);
    }
}
