package dev.buildman.model;

import java.time.Instant;

/**
 * One line of a build's history.
 *
 * @param number of the line in its build's history, from 1
 * @param reason a stable code; text, as an older or newer manager may have written it
 * @param attempt 0: none
 * @param executor empty: none
 */
public record HistoryEntry(
    long number, Instant time, String reason, int attempt, String executor, String sentence) {}
