/** The disk in figures for `/metrics`. */
import { Gauge, type Registry } from 'prom-client'
import type { System } from './index.ts'

export function measureDisk(registry: Registry, system: Pick<System, 'disk'>): void {
  const figures = {
    freeBytes: ['cellwright_disk_free_bytes', 'Room on the disk of the data directory'],
    totalBytes: ['cellwright_disk_total_bytes', 'Size of the disk of the data directory'],
  } as const
  for (const [key, [name, help]] of Object.entries(figures)) {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [registry],
      collect: () => gauge.set(system.disk[key as keyof typeof figures]),
    })
  }
}
