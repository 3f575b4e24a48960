/**
 * The engine of a virtual drive: commands from when they are taken until they are answered, and
 * what a controller knows of itself meanwhile.
 */
package sluice.virtual.command;
