// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/**
 * A price that its owner reports, behind the face of a Chainlink feed (AggregatorV3Interface).
 *
 * Stands for the feed that is on the chain already: it knows nothing of Enigma, and the loan reads it as any contract would.
 */
contract PriceFeed {
    uint8 public immutable decimals;
    address public immutable reporter;
    uint80 private _round;
    int256 private _answer;
    uint256 private _updatedAt;

    error OnlyReporter(address caller);

    constructor(uint8 decimals_, int256 answer) {
        decimals = decimals_;
        reporter = msg.sender;
        _report(answer);
    }

    function report(int256 answer) external {
        if (msg.sender != reporter) revert OnlyReporter(msg.sender);
        _report(answer);
    }

    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        return (_round, _answer, _updatedAt, _updatedAt, _round);
    }

    function _report(int256 answer) private {
        ++_round;
        _answer = answer;
        _updatedAt = block.timestamp;
    }
}
