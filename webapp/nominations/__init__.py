"""P7 nomination 培育对象上报: counties nominate, the city merges, ranks and approves, the list goes to the province."""
