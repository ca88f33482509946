import type { ContainerEvent, EventFilters } from "./events.js";

/** Whether an event is one that a consumer with these filters wants to hear of. For those who implement `Events`. */
export function matchesEvent(event: ContainerEvent, filters: EventFilters): boolean {
  const { containers, actions, images, labels } = filters;
  return (
    (containers === undefined || containers.some((ref) => isMeant(ref, event))) &&
    (actions === undefined || actions.includes(event.action)) &&
    (images === undefined || images.includes(event.image)) &&
    Object.entries(labels ?? {}).every(([key, value]) => hasLabel(event, key, value))
  );
}

function isMeant(ref: string, { id, name, oldName }: ContainerEvent): boolean {
  return ref !== "" && (ref === name || ref === oldName || id.startsWith(ref));
}

function hasLabel({ labels }: ContainerEvent, key: string, value: string): boolean {
  return Object.hasOwn(labels, key) && (value === "" || labels[key] === value);
}
