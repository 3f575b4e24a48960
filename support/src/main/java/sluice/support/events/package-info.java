/**
 * Seeing inside: what happens rarely and matters is told to Java's Flight Recorder, as an event
 * {@code sluice.…}, and what is told in words goes to {@link java.lang.System.Logger} at {@code
 * DEBUG}. Nothing here is for what happens per command or per chunk.
 */
package sluice.support.events;
