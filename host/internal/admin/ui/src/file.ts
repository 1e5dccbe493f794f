// Files that operations answer.
import type { Operation } from './api';
import { resolve, type Types } from './schema';

interface Answered {
  name: string;
  type: string;
  /** Base64. */
  content: string;
}

/** Says whether an operation answers a file. */
export function answersFile(operation: Operation, types: Types): boolean {
  return resolve(operation.output, types).format === 'file';
}

/** Saves a file and answers its name. Its type is kept from the browser: nothing that an
 * app answers is shown as a page of this site. */
export function save(answer: unknown): string {
  const file = answer as Answered;
  const bytes = Uint8Array.from(atob(file.content), (c) => c.charCodeAt(0));
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // when the browser has read it
  return file.name;
}
