/** How a virtual drive behaves beside what it stores: its speed, its pauses and its faults. */
package sluice.virtual.personality;
