/** The same job files through the real fio and through sluice. */
package sluice.bench.conformance;
