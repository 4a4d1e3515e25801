/** A case of `faults.json`: an input, what it gave once, and what it must give. */
export interface Fault {
  id: string
  call: string
  input?: unknown
  expected: unknown
}

/** Does what the case says, and expects what it says. */
export type Check = (fault: Fault) => void | Promise<void>
